import { expect, it } from 'vitest';
import type { Post } from '../api/types';
import type { LiveWall } from '../sync/live.svelte';
import { toolsOf } from './tools';

const reports = [
  { postId: 'reported' },
  { postId: 'settled', settled: true },
  { postId: 'talked', commentId: 'c' },
];
const sections = { find: (id: string) => (id === 'there' ? { id } : undefined) };
const store = { reports: { list: reports }, sections };
const wall = { session: {}, store } as unknown as LiveWall;
const post = (id: string, more: Partial<Post> = {}) =>
  ({ id, state: 'published', ...more }) as Post;

it.each([
  ['what waits', post('a', { state: 'pending' }), true],
  ['what is out of sight', post('a', { withheld: true }), true],
  ['what is in a section that is hidden from its author', post('a', { sectionId: 'b' }), true],
  ['nothing where its section is there', post('a', { sectionId: 'there' }), false],
  ['what was reported', post('reported'), true],
  ['nothing where a moderator has seen to that', post('settled'), false],
  ['nothing where only a comment was reported', post('talked'), false],
])('says of a post how it stands: %s', (_, one, expected) => {
  expect(toolsOf(wall, () => undefined).marked(one)).toBe(expected);
});
