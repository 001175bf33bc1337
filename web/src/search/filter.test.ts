import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { Post } from '../api/types';
import type { LiveWall } from '../sync/live.svelte';
import { idOf, post, snapshot } from '../sync/samples';
import { WallStore } from '../sync/store.svelte';
import { choicesOf, matches, toggled } from './facets';
import { Filter } from './filter.svelte';

const picture = { id: 'p', type: 'media', mediaId: 'm', caption: '', alt: '' } as const;
const link = { id: 'l', type: 'link', url: 'https://a.example', caption: '', alt: '' } as const;
const embed = { provider: 'pod', name: 'Pod', src: '', url: '', sandbox: '', allow: '' };

function open(posts: Post[], moderates = false) {
  const store = new WallStore();
  store.load(snapshot(posts));
  const wall = { store, session: { moderates } } as unknown as LiveWall;
  const filter = new Filter(() => store);
  const titles = () => filter.shown.map(({ doc }) => doc.title).toSorted();
  return { store, wall, filter, titles };
}

describe('the filter', () => {
  const posts = [
    post(1, { title: 'École d’été', body: '' }),
    post(2, { title: 'Chef-d’œuvre', body: '<p>é</p>', colour: 'red', attachments: [picture] }),
    post(3, { title: 'Vidéo', colour: 'red', sectionId: 's', attachments: [{ ...link, embed }] }),
    post(4, { title: 'À revoir', state: 'pending', author: { id: idOf(901), name: 'Zoé' } }),
  ];

  it('finds whatever the case, the accents and the apostrophe, all words of it', () => {
    const { filter, titles } = open(posts);
    for (const query of ['ecole ETE', "d'oeuvre", 'CHEF', '']) {
      filter.query = query;
      flushSync();
      expect(titles().length, query).toBe(query ? 1 : 4);
    }
    filter.query = 'école œuvre';
    expect(titles()).toEqual([]);
  });

  it('keeps what is of one value of each facet, and counts what each would show', () => {
    const { filter, wall, titles } = open(posts);
    const choose = (facet: 'colour' | 'kind', value: string) =>
      filter.choose(toggled(filter.chosen, facet, value), (cell, all) => matches(cell, all, wall));
    choose('colour', 'red');
    expect(titles()).toEqual(['Chef-d’œuvre', 'Vidéo']);
    choose('kind', 'video');
    expect(titles()).toEqual(['Vidéo']);
    const counts = (facet: 'kind' | 'author') =>
      Object.fromEntries(
        choicesOf(facet, wall, filter.chosen, () => true).map((one) => [one.value, one.count]),
      );
    expect(counts('kind')).toEqual({ text: 2, picture: 1, video: 1 });
    expect(counts('author')).toEqual({ [idOf(900)]: 1, [idOf(901)]: 0 });
    choose('kind', 'picture');
    expect(titles()).toEqual(['Chef-d’œuvre', 'Vidéo']);
    filter.clear();
    expect([titles().length, filter.active]).toEqual([4, false]);
  });

  it('counts, as it shows, what the group that is looked at sees', () => {
    const grouped = [1, 2].map((n) => post(10 + n, { groupId: idOf(700 + n), colour: 'red' }));
    const { filter, wall } = open([...posts, ...grouped], true);
    filter.group = idOf(701);
    flushSync();
    const red = choicesOf('colour', wall, filter.chosen, (cell) => filter.found(cell));
    filter.choose(new Map([['colour', new Set(['red'])]]), (cell, all) => matches(cell, all, wall));
    expect(red.find(({ value }) => value === 'red')?.count).toBe(3);
    expect(filter.shown.length).toBe(3);
  });

  it('tells pending posts, one’s own, and groups to trainers alone', () => {
    const { wall, store } = open(posts);
    store.claim([idOf(1)]);
    const states = choicesOf('state', wall, new Map(), () => true);
    expect(states.map(({ value }) => value).toSorted()).toEqual(['mine', 'pending']);
    expect(choicesOf('group', wall, new Map(), () => true)).toEqual([]);
    expect(choicesOf('group', open(posts, true).wall, new Map(), () => true).length).toBe(1);
  });
});
