/**
 * What posts are filtered by. A facet is added here, and its words in
 * search.json: nothing else knows of any.
 */
import type { Attachment, Post } from '../api/types';
import type { LiveWall } from '../sync/live.svelte';
import type { PostCell } from '../sync/store.svelte';
import type { Chosen } from './filter.svelte';

export const FACETS = ['author', 'section', 'kind', 'state', 'colour', 'group'] as const;
export type Facet = (typeof FACETS)[number];

type ValuesOf = (cell: PostCell, wall: LiveWall) => readonly string[];

/** What is a player but no video. */
const NOT_VIDEO: ReadonlySet<string> = new Set(['learningapps', 'geogebra', 'genially', 'h5p']);

const values: Readonly<Record<Facet, ValuesOf>> = {
  author: ({ doc }) => [doc.author.id],
  section: ({ doc }) => [doc.sectionId ?? ''],
  kind: ({ doc }) => kindsOf(doc),
  state: (cell, { store }) => [
    ...(cell.doc.state === 'published' ? [] : [cell.doc.state]),
    ...(store.owns(cell.doc) ? ['mine'] : []),
    ...(cell.pending ? ['unsent'] : []),
  ],
  colour: ({ doc }) => [doc.colour ?? ''],
  group: ({ doc }, { session }) => (session.moderates ? [doc.groupId ?? ''] : []),
};

function kindsOf({ body, attachments }: Post): string[] {
  const kinds = attachments.map(kindOf);
  return body === '' ? kinds : ['text', ...kinds];
}

function kindOf({ type, embed }: Attachment): string {
  if (type === 'media') return 'picture';
  if (!embed) return 'link';
  return NOT_VIDEO.has(embed.provider) ? 'activity' : 'video';
}

/** Tells whether a post is of what was chosen: of one value at least, in every facet. */
export function matches(cell: PostCell, chosen: Chosen, wall: LiveWall, but?: Facet): boolean {
  for (const facet of FACETS) {
    const wanted = chosen.get(facet);
    if (!wanted || facet === but) continue;
    if (!values[facet](cell, wall).some((value) => wanted.has(value))) return false;
  }
  return true;
}

/** A value of a facet, and how many posts it would show. */
export interface Choice {
  readonly value: string;
  readonly count: number;
}

/**
 * What there is to choose from, the most frequent first: every value that some
 * post has, counted among the posts that the other facets and the search show.
 */
export function choicesOf(
  facet: Facet,
  wall: LiveWall,
  chosen: Chosen,
  found: (cell: PostCell) => boolean,
): Choice[] {
  const counts = new Map<string, number>([...(chosen.get(facet) ?? [])].map((one) => [one, 0]));
  for (const cell of wall.store.order) {
    const shown = found(cell) && matches(cell, chosen, wall, facet) ? 1 : 0;
    for (const value of new Set(values[facet](cell, wall))) {
      counts.set(value, (counts.get(value) ?? 0) + shown);
    }
  }
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
}

/** What was chosen, with a value more or less. */
export function toggled(chosen: Chosen, facet: Facet, value: string): Chosen {
  const values = new Set(chosen.get(facet));
  if (!values.delete(value)) values.add(value);
  const next = new Map(chosen);
  if (values.size > 0) next.set(facet, values);
  else next.delete(facet);
  return next;
}
