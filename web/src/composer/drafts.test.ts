import { describe, expect, it } from 'vitest';
import { DraftKeeper } from './drafts';

const draft = {
  title: 'Titre',
  body: '<p>a</p>',
  attachments: [
    { id: '1', type: 'link', url: 'https://example.org/', caption: '', alt: '' } as const,
    {
      id: '2',
      type: 'media',
      mediaId: 'm',
      caption: '',
      alt: 'x',
      file: { name: 'a.png', size: 1, lastModified: 2 },
    } as const,
  ],
};

describe('a draft', () => {
  it('is kept for its board', () => {
    new DraftKeeper('b1', undefined).keep(draft);
    expect(new DraftKeeper('b1', undefined).find()).toEqual({ ...draft, rev: 0 });
    expect(new DraftKeeper('b2', undefined).find()).toBeUndefined();
  });

  it('is forgotten', () => {
    const keeper = new DraftKeeper('b1', undefined);
    keeper.keep(draft);
    keeper.clear();
    expect(keeper.find()).toBeUndefined();
  });

  it('of an older revision is dropped, for it would undo what came since', () => {
    new DraftKeeper('b1', { id: 'p', rev: 3 }).keep(draft);
    expect(new DraftKeeper('b1', { id: 'p', rev: 3 }).find()?.title).toBe('Titre');
    expect(new DraftKeeper('b1', { id: 'p', rev: 4 }).find()).toBeUndefined();
    expect(new DraftKeeper('b1', { id: 'p', rev: 3 }).find()).toBeUndefined();
  });

  it.each([
    'not JSON',
    '{}',
    '{"title":"a","body":"b","rev":0,"attachments":[{"id":"1","type":"link"}]}',
    '{"title":"a","body":"b","rev":0,"attachments":[{"id":"1","type":"script","url":"x","caption":"","alt":""}]}',
  ])('of another shape is not there: %s', (stored) => {
    localStorage.setItem('fresque.draft.b1', stored);
    expect(new DraftKeeper('b1', undefined).find()).toBeUndefined();
  });
});
