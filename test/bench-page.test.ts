import { describe, expect, it } from 'vitest';
import { withSections } from '../bench/results-page.ts';

const titles = ['a', 'b', 'c'];
const page = '# Head\n\n- about\n\n## a\n\nold a\n\n## c\n\nold c\n';

describe('the page of results', () => {
  it('takes a new section in the place of the old one and leaves the others as they are', () => {
    const sections = new Map([['c', '## c\n\nnew c']]);
    expect(withSections(page, sections, titles)).toBe(
      '# Head\n\n- about\n\n## a\n\nold a\n\n## c\n\nnew c\n',
    );
  });

  it('takes a section that it did not have where it belongs', () => {
    const sections = new Map([['b', '## b\n\nnew b']]);
    expect(withSections(page, sections, titles)).toBe(
      '# Head\n\n- about\n\n## a\n\nold a\n\n## b\n\nnew b\n\n## c\n\nold c\n',
    );
  });
});
