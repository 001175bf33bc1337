import type { DraftFiles } from '../composer-seam';
import { database } from './device';

/** A draft's file that is older, in milliseconds, has been forgotten by its author too. */
const OLDEST_MS = 7 * 24 * 3_600_000;
/** A larger file, in bytes, is asked for again after a reload: the device has better uses for its room. */
const LARGEST = 500_000_000;

/** The files of the posts that are being written on a board, kept in IndexedDB. */
export function draftFiles(board: string): DraftFiles {
  const key = (mediaId: string): [string, string] => [board, mediaId];
  return {
    put: (mediaId, file) =>
      calmly(async (db) => {
        if (file.size <= LARGEST) await db.put('drafts', { file, at: Date.now() }, key(mediaId));
        await forgetOld(db);
      }),
    get: (mediaId) => calmly(async (db) => (await db.get('drafts', key(mediaId)))?.file),
    drop: (mediaIds) =>
      calmly(async (db) => {
        await Promise.all(mediaIds.map((id) => db.delete('drafts', key(id))));
      }),
  };
}

type Database = Awaited<ReturnType<typeof database>>;

/** A browser that keeps nothing is as good as one that has nothing: the file is then asked for again. */
async function calmly<T>(use: (db: Database) => Promise<T>): Promise<T | undefined> {
  try {
    const db = await database();
    try {
      return await use(db);
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}

async function forgetOld(db: Database): Promise<void> {
  const tx = db.transaction('drafts', 'readwrite');
  for (let at = await tx.store.openCursor(); at; at = await at.continue()) {
    if (Date.now() - at.value.at > OLDEST_MS) await at.delete();
  }
  await tx.done;
}
