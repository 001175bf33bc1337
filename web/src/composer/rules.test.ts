import { describe, expect, it } from 'vitest';
import type { ComposerRules, PostDraft } from '../composer-seam';
import { allows, textLength } from './rules';
import { faultsOf } from './validate';

function rules(
  settings: Partial<ComposerRules['settings']> = {},
  changes: Partial<ComposerRules> = {},
): ComposerRules {
  const none = { required: [], maxLength: 0, kinds: [], plainPosts: false, postsEach: 0 };
  const all = { ...none, ...settings };
  return { binding: true, settings: all, sections: [], left: undefined, ...changes };
}

function draft(changes: Partial<PostDraft> = {}): PostDraft {
  return { title: 'a', body: '', attachments: [], ...changes };
}

const picture = { id: '1', type: 'media', mediaId: 'm', caption: '', alt: '' } as const;
const link = { id: '2', type: 'link', url: 'https://a.example', caption: '', alt: '' } as const;

describe('what a board asks for', () => {
  it('is counted in characters, as the server does', () => {
    expect(textLength('<p>Été&amp;1</p><p>é<strong>a</strong></p>')).toBe(5 + 2 + 2);
    expect(textLength('<p></p>')).toBe(0);
    expect(textLength('<p>👩🏽</p>')).toBe(2);
  });

  it('is missing where it is', () => {
    const required = ['title', 'text', 'picture', 'alt', 'section'];
    const faults = faultsOf(draft({ title: '' }), '', rules({ required }));
    const missing = { kind: 'missing' };
    expect(faults).toEqual({
      title: missing,
      body: missing,
      section: missing,
      picture: missing,
      attachments: {},
    });
    const given = draft({ body: '<p>b</p>', attachments: [{ ...picture, alt: ' ' }] });
    expect(faultsOf(given, 's', rules({ required }))).toEqual({
      attachments: { 1: { alt: missing } },
    });
  });

  it('is no more than it takes', () => {
    const long = faultsOf(draft({ body: '<p>abcdef</p>' }), '', rules({ maxLength: 4 }));
    expect(long.body).toEqual({ kind: 'over', over: 2 });
    const kinds = faultsOf(draft({ attachments: [picture, link] }), '', rules({ kinds: ['link'] }));
    expect(kinds.attachments).toEqual({ 1: { item: { kind: 'kind' } } });
    expect([allows(rules({ kinds: ['link'] }), 'picture'), allows(rules(), 'picture')]).toEqual([
      false,
      true,
    ]);
  });

  it('does not bind who makes the rules', () => {
    const free = rules(
      { required: ['picture'], maxLength: 1, kinds: ['link'] },
      { binding: false },
    );
    expect(faultsOf(draft({ body: '<p>abc</p>', attachments: [picture] }), '', free)).toEqual({
      attachments: {},
    });
  });
});
