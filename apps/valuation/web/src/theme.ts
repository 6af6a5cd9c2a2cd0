// Light or dark: what the system says, unless the person chose.

import { signal } from '@preact/signals';

export type Theme = 'light' | 'dark';
const storageKey = 'parvi-theme';

const systemTheme = (): Theme =>
  matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

function storedTheme(): Theme | undefined {
  const stored = localStorage.getItem(storageKey);
  return stored === 'light' || stored === 'dark' ? stored : undefined;
}

export const theme = signal<Theme>('light');

export function applyTheme(): void {
  theme.value = storedTheme() ?? systemTheme();
  document.documentElement.dataset.theme = theme.value;
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    if (storedTheme() === undefined) setTheme(systemTheme(), { remember: false });
  });
}

export function setTheme(next: Theme, options: { readonly remember: boolean }): void {
  theme.value = next;
  document.documentElement.dataset.theme = next;
  if (options.remember) localStorage.setItem(storageKey, next);
}
