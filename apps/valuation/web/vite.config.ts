import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// Relative asset addresses, so that the page also works below a gateway's prefix.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  build: { outDir: 'dist', emptyOutDir: true, reportCompressedSize: false },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
