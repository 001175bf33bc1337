/** The queues of unsent writes that this device keeps, in IndexedDB. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { lasting } from '../device/storage';
import { filesNeeded, type KeptFile, MemoryKeep, type Owner, type QueueKeep } from './keep';
import type { Queue } from './queue';

interface Schema extends DBSchema {
  queues: { key: [board: string, participant: string]; value: Queue };
  files: { key: [board: string, participant: string, mediaId: string]; value: File };
  drafts: { key: [board: string, mediaId: string]; value: DraftFile };
}

/** A file of a post that is being written. */
export interface DraftFile {
  readonly file: File;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A database that does not open by then, in milliseconds, is as if it were not there. */
const PATIENCE_MS = 3_000;

/** For walls that are left and opened again without leaving the page. */
const inMemory = new Map<string, MemoryKeep>();

export interface Opened {
  readonly keep: QueueKeep;
  /** How many writes of other participants on this board were erased. */
  readonly erased: number;
}

/**
 * Opens the owner's queue. What another participant left here on the same
 * board goes: this device cannot be them any more.
 */
export async function openKeep(owner: Owner): Promise<Opened> {
  try {
    const db = await database();
    const erased = await eraseOthers(db, owner);
    return { keep: new DeviceKeep(db, owner), erased };
  } catch {
    return { keep: memoryKeep(owner), erased: 0 };
  }
}

/** Erases all that this device keeps for a board. */
export async function eraseBoard(board: string): Promise<void> {
  for (const key of inMemory.keys()) if (key.startsWith(board)) inMemory.delete(key);
  try {
    const db = await database();
    const tx = db.transaction(['queues', 'files', 'drafts'], 'readwrite');
    await Promise.all([
      tx.objectStore('queues').delete(below(board)),
      tx.objectStore('drafts').delete(below(board)),
      tx.objectStore('files').delete(below(board)),
      tx.done,
    ]);
    db.close();
  } catch {
    // Nothing is kept, then.
  }
}

function memoryKeep({ board, participant }: Owner): MemoryKeep {
  const key = `${board}.${participant}`;
  const keep = inMemory.get(key) ?? new MemoryKeep();
  inMemory.set(key, keep);
  return keep;
}

class DeviceKeep implements QueueKeep {
  readonly lasting = true;
  readonly #db: IDBPDatabase<Schema>;
  readonly #owner: [string, string];

  constructor(db: IDBPDatabase<Schema>, { board, participant }: Owner) {
    this.#db = db;
    this.#owner = [board, participant];
  }

  async read(): Promise<Queue> {
    return (await this.#db.get('queues', this.#owner)) ?? [];
  }

  async update(change: (queue: Queue) => Queue, files: readonly KeptFile[] = []): Promise<Queue> {
    const tx = this.#db.transaction(['queues', 'files'], 'readwrite', { durability: 'strict' });
    const [queues, blobs] = [tx.objectStore('queues'), tx.objectStore('files')];
    try {
      const before = (await queues.get(this.#owner)) ?? [];
      const after = change(before);
      const needed = filesNeeded(after);
      const come = files.filter(({ mediaId }) => needed.has(mediaId));
      const gone = [...filesNeeded(before)].filter((id) => !needed.has(id));
      await Promise.all([
        ...come.map(({ mediaId, file }) => blobs.put(file, [...this.#owner, mediaId])),
        ...gone.map((id) => blobs.delete([...this.#owner, id])),
        after.length > 0 ? queues.put(after, this.#owner) : queues.delete(this.#owner),
        tx.done,
      ]);
      return after;
    } catch (error) {
      abandon(tx);
      throw error;
    }
  }

  async file(mediaId: string): Promise<File | undefined> {
    return this.#db.get('files', [...this.#owner, mediaId]);
  }

  close(): void {
    this.#db.close();
  }
}

function abandon(tx: { abort(): void; done: Promise<void> }): void {
  tx.done.catch(() => undefined);
  try {
    tx.abort();
  } catch {
    // It has ended by itself.
  }
}

async function eraseOthers(db: IDBPDatabase<Schema>, owner: Owner): Promise<number> {
  const tx = db.transaction(['queues', 'files'], 'readwrite');
  let erased = 0;
  const queues = tx.objectStore('queues');
  for (const key of await queues.getAllKeys(below(owner.board))) {
    if (key[1] === owner.participant) continue;
    erased += (await queues.get(key))?.length ?? 0;
    await queues.delete(key);
    await tx.objectStore('files').delete(IDBKeyRange.bound(key, [...key, []]));
  }
  await tx.done;
  return erased;
}

/** Every key that begins with the board: in IndexedDB's order an array comes after any text. */
function below(board: string): IDBKeyRange {
  return IDBKeyRange.bound([board], [board, []]);
}

/** Rejects where nothing is kept. */
export async function database(): Promise<IDBPDatabase<Schema>> {
  if (!lasting) throw new Error('this page keeps nothing');
  const opening = openDB<Schema>('fresque', 2, {
    upgrade(db, before) {
      if (before < 1) {
        db.createObjectStore('queues');
        db.createObjectStore('files');
      }
      db.createObjectStore('drafts');
    },
    // A later version of the page must not wait for this one.
    blocking: (_now, _then, event) => (event.target as IDBDatabase).close(),
  });
  return Promise.race([opening, refusal()]);
}

async function refusal(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  throw new Error('IndexedDB does not open');
}
