import { describe, expect, it } from 'vitest';
import type { PostDraft } from '../composer-seam';
import { areNone, faultsFrom, faultsOf, LIMITS } from './validate';

function draft(part: Partial<PostDraft> = {}): PostDraft {
  return { title: 'Titre', body: '', attachments: [], ...part };
}
const link = (id: string, part = {}) =>
  ({ id, type: 'link', url: 'https://example.org/', caption: '', alt: '', ...part }) as const;

describe('faultsOf', () => {
  it('finds nothing in a good draft', () => {
    expect(areNone(faultsOf(draft()))).toBe(true);
    expect(areNone(faultsOf(draft({ title: '', attachments: [link('a')] })))).toBe(true);
  });

  it('wants something to publish', () => {
    expect(faultsOf(draft({ title: '  ' })).post).toEqual({ kind: 'empty' });
  });

  it('counts characters, not code units', () => {
    expect(faultsOf(draft({ title: '👩'.repeat(LIMITS.title) })).title).toBeUndefined();
    expect(faultsOf(draft({ title: 'a'.repeat(LIMITS.title + 3) })).title).toEqual({
      kind: 'long',
      over: 3,
    });
  });

  it('names the attachment and its field', () => {
    const faults = faultsOf(
      draft({ attachments: [link('a'), link('b', { alt: 'x'.repeat(501) })] }),
    );
    expect(faults.attachments).toEqual({ b: { alt: { kind: 'long', over: 1 } } });
  });
});

describe('faultsFrom', () => {
  it("puts the server's refusals where they belong", () => {
    const faults = faultsFrom(
      [
        { code: 'too_long', field: 'title', detail: 'trop long' },
        { code: 'url_not_allowed', field: 'attachments[1].url', detail: 'non' },
        { code: 'too_long', field: 'attachments[0].alt', detail: 'alt' },
        { code: 'too_many', field: 'attachments', detail: 'trop' },
      ],
      draft({ attachments: [link('a'), link('b')] }),
    );
    expect(faults).toEqual({
      title: { kind: 'said', detail: 'trop long' },
      post: { kind: 'said', detail: 'trop' },
      attachments: {
        a: { alt: { kind: 'said', detail: 'alt' } },
        b: { item: { kind: 'said', detail: 'non' } },
      },
    });
  });
});
