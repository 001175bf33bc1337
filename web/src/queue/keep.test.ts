import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { eraseBoard, openKeep } from './device';
import { MemoryKeep, type QueueKeep } from './keep';
import { create, draft, queued } from './samples';
import type { Write } from './write';

const owner = { board: 'b1', participant: 'p1' };

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

function withPicture(mediaId: string) {
  const picture = { id: 'a', type: 'media' as const, mediaId, caption: '', alt: '' };
  const write: Write = {
    kind: 'create',
    id: 'x',
    draft: { ...draft('t'), attachments: [picture] },
  };
  return queued(write, { files: [{ mediaId, size: 3 }] });
}

const file = new File(['abc'], 'a.png', { type: 'image/png' });

describe.each<[string, () => Promise<QueueKeep>]>([
  ['memory', async () => new MemoryKeep()],
  ['the device', async () => (await openKeep(owner)).keep],
])('a queue kept in %s', (_, open) => {
  it('is empty, then what it was changed to', async () => {
    const keep = await open();
    expect(await keep.read()).toEqual([]);
    const entry = queued(create(1));
    expect(await keep.update((queue) => [...queue, entry])).toEqual([entry]);
    expect(await keep.read()).toEqual([entry]);
    keep.close();
  });

  it('loses no change when many come at once', async () => {
    const keep = await open();
    const entries = Array.from({ length: 20 }, (_one, number) => queued(create(number)));
    await Promise.all(entries.map((entry) => keep.update((queue) => [...queue, entry])));
    expect(new Set((await keep.read()).map(({ key }) => key)).size).toBe(20);
    keep.close();
  });

  it('is as it was when a change fails', async () => {
    const keep = await open();
    const entry = queued(create(1));
    await keep.update(() => [entry]);
    const fails = () => {
      throw new Error('full');
    };
    await expect(keep.update(fails, [{ mediaId: 'm1', file }])).rejects.toThrow('full');
    expect(await keep.read()).toEqual([entry]);
    expect(await keep.file('m1')).toBeUndefined();
    keep.close();
  });

  it('keeps a file for as long as a write needs it', async () => {
    const keep = await open();
    await keep.update(() => [withPicture('m1')], [{ mediaId: 'm1', file }]);
    expect(await keep.file('m1')).toBeDefined();
    await keep.update(() => []);
    expect(await keep.file('m1')).toBeUndefined();
    keep.close();
  });
});

describe('the device', () => {
  it('keeps a queue across openings, apart from other boards', async () => {
    const first = await openKeep(owner);
    expect(first.keep.lasting).toBe(true);
    await first.keep.update(() => [queued(create(1))]);
    first.keep.close();
    expect(await (await openKeep(owner)).keep.read()).toHaveLength(1);
    expect(await (await openKeep({ ...owner, board: 'b2' })).keep.read()).toEqual([]);
  });

  it('keeps nothing for another participant of the same board, and says so', async () => {
    const { keep } = await openKeep(owner);
    await keep.update(() => [withPicture('m1'), queued(create(2))], [{ mediaId: 'm1', file }]);
    const elsewhere = await openKeep({ ...owner, board: 'b2' });
    await elsewhere.keep.update(() => [queued(create(3))]);
    const other = await openKeep({ ...owner, participant: 'p2' });
    expect(other.erased).toBe(2);
    expect(await other.keep.read()).toEqual([]);
    expect((await openKeep(owner)).erased).toBe(0);
    expect(await keep.read()).toEqual([]);
    expect(await keep.file('m1')).toBeUndefined();
    expect(await elsewhere.keep.read()).toHaveLength(1);
  });

  it('forgets a board when asked', async () => {
    const { keep } = await openKeep(owner);
    await keep.update(() => [withPicture('m1')], [{ mediaId: 'm1', file }]);
    await eraseBoard('b1');
    expect(await keep.read()).toEqual([]);
    expect(await keep.file('m1')).toBeUndefined();
  });

  it('is done without where there is no storage, until the page goes', async () => {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('refused', 'SecurityError');
    });
    const first = await openKeep({ board: 'b3', participant: 'p1' });
    expect(first.keep.lasting).toBe(false);
    await first.keep.update(() => [queued(create(1))]);
    first.keep.close();
    const again = await openKeep({ board: 'b3', participant: 'p1' });
    expect(await again.keep.read()).toHaveLength(1);
  });
});
