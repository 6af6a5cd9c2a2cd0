import { describe, expect, it } from 'vitest';
import { isLine, isPartOf, readPage } from './markdown.ts';

const page = `# Page

\`\`\`ts args="--a 1"
const a = 1;
if (a > 0) {
  console.log(a);
}
\`\`\`

\`\`\`text
1
\`\`\`

\`\`\`sh
ls
\`\`\`

\`\`\`ts part
console.log(a);
\`\`\`
`;

describe('a page with programs', () => {
  it('gives programs with their words and what they print, and parts', () => {
    const { programs, parts } = readPage('docs/page.md', page);
    expect(programs).toMatchObject([{ line: 3, words: ['--a', '1'], prints: ['1'] }]);
    expect(programs[0]?.code).toContain('if (a > 0) {\n');
    expect(parts).toMatchObject([{ line: 18, code: 'console.log(a);\n', prints: [] }]);
  });

  it('gives the commands to run, and no others', () => {
    const marked = page.replace(
      '```sh',
      '```sh run\ntouch a\n```\n\n```sh run\ntouch b\n```\n\n```sh',
    );
    expect(readPage('docs/page.md', marked).commands).toBe('touch a\ntouch b');
    expect(readPage('docs/page.md', page).commands).toBe('');
  });

  it('shows parts that stand in a program, line by line', () => {
    const program = 'if (a) {\n  one();\n\n  two();\n}\n';
    expect(isPartOf('one();\ntwo();', program)).toBe(true);
    expect(isPartOf('two();\none();', program)).toBe(false);
    expect(isPartOf('ne();', program)).toBe(false);
  });

  it('leaves out of printed lines what changes from run to run', () => {
    expect(isLine('up after … ms (1)', 'up after 12 ms (1)')).toBe(true);
    expect(isLine('up after … ms (1)', 'up after 12 ms 1')).toBe(false);
  });
});
