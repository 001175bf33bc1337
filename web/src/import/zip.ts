/**
 * Reads a ZIP where it lies: a file is taken out as a piece of it, so that one of
 * gigabytes takes no memory. What is written by anybody is trusted in nothing: the
 * directory is bounded, sizes and sums are checked, names lead nowhere.
 */

/** Why a file is not the ZIP that it should be; a key of the words. */
export type ZipFault = 'not_zip' | 'zip_cut' | 'zip_damaged' | 'zip_twice' | 'zip_locked';

export class ZipProblem extends Error {
  readonly code: ZipFault;

  constructor(code: ZipFault) {
    super(code);
    this.code = code;
  }
}

export interface ZipEntry {
  readonly name: string;
  /** Bytes, unpacked. */
  readonly size: number;
  readonly crc: number;
  readonly packed: number;
  readonly method: number;
  readonly offset: number;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const FULL = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;
/** Bounds of the directory. */
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_ENTRIES = 100_000;

async function view(blob: Blob, from: number, length: number): Promise<DataView> {
  if (from < 0 || from + length > blob.size) throw new ZipProblem('zip_cut');
  return new DataView(await blob.slice(from, from + length).arrayBuffer());
}

/** A number of 64 bits; one that no file has is no size. */
const wide = (of: DataView, at: number): number => Number(of.getBigUint64(at, true));

export class Zip {
  readonly #blob: Blob;
  readonly entries: ReadonlyMap<string, ZipEntry>;

  private constructor(blob: Blob, entries: ReadonlyMap<string, ZipEntry>) {
    this.#blob = blob;
    this.entries = entries;
  }

  static async open(blob: Blob): Promise<Zip> {
    const { at, bytes, count } = await directory(blob);
    if (bytes > MOST_BYTES || count > MOST_ENTRIES) throw new ZipProblem('zip_damaged');
    return new Zip(blob, entriesOf(await view(blob, at, bytes), count));
  }

  /** A file as it was before it was packed; checked to the last byte. */
  async read(entry: ZipEntry): Promise<Blob> {
    const head = await view(this.#blob, entry.offset, 30);
    if (head.getUint32(0, true) !== LOCAL) throw new ZipProblem('zip_damaged');
    const from = entry.offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
    if (from + entry.packed > this.#blob.size) throw new ZipProblem('zip_cut');
    const packed = this.#blob.slice(from, from + entry.packed);
    if (entry.method === STORED) {
      if (entry.packed !== entry.size) throw new ZipProblem('zip_damaged');
      await check(packed.stream(), entry);
      return packed;
    }
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const unpacked = packed.stream().pipeThrough(new DecompressionStream('deflate-raw'));
    await check(unpacked, entry, (part) => parts.push(part));
    return new Blob(parts);
  }
}

/** Where the directory is: it is named at the end, before a comment of any length. */
async function directory(blob: Blob): Promise<{ at: number; bytes: number; count: number }> {
  const start = blob.size < 4 ? undefined : await view(blob, 0, 4);
  const signature = start?.getUint32(0, true);
  if (signature !== LOCAL && signature !== END) throw new ZipProblem('not_zip');
  const tail = Math.min(blob.size, 22 + 0xffff);
  const end = await view(blob, blob.size - tail, tail);
  for (let i = tail - 22; i >= 0; i--) {
    if (end.getUint32(i, true) !== END) continue;
    const count = end.getUint16(i + 10, true);
    const bytes = end.getUint32(i + 12, true);
    const at = end.getUint32(i + 16, true);
    if (count !== 0xffff && bytes !== FULL && at !== FULL) return { at, bytes, count };
    const locator = await view(blob, blob.size - tail + i - 20, 20);
    if (locator.getUint32(0, true) !== LOCATOR_64) return { at, bytes, count };
    const large = await view(blob, wide(locator, 8), 56);
    if (large.getUint32(0, true) !== END_64) throw new ZipProblem('zip_damaged');
    return { at: wide(large, 48), bytes: wide(large, 40), count: wide(large, 32) };
  }
  throw new ZipProblem('zip_cut');
}

function entriesOf(of: DataView, count: number): Map<string, ZipEntry> {
  const text = new TextDecoder();
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > of.byteLength || of.getUint32(at, true) !== CENTRAL)
      throw new ZipProblem('zip_damaged');
    const [names, extras, comment] = [28, 30, 32].map((offset) =>
      of.getUint16(at + offset, true),
    ) as [number, number, number];
    const after = at + 46 + names + extras + comment;
    if (after > of.byteLength) throw new ZipProblem('zip_damaged');
    if (of.getUint16(at + 8, true) & 1) throw new ZipProblem('zip_locked');
    const method = of.getUint16(at + 10, true);
    if (method !== STORED && method !== DEFLATED) throw new ZipProblem('zip_damaged');
    const name = text.decode(new Uint8Array(of.buffer, at + 46, names));
    if (entries.has(name)) throw new ZipProblem('zip_twice');
    const sizes = {
      size: of.getUint32(at + 24, true),
      packed: of.getUint32(at + 20, true),
      offset: of.getUint32(at + 42, true),
    };
    widen(sizes, of, at + 46 + names, extras);
    entries.set(name, { name, method, crc: of.getUint32(at + 16, true), ...sizes });
    at = after;
  }
  return entries;
}

/** Sizes that did not fit stand in an extra field, in this order. */
function widen(
  sizes: Record<'size' | 'packed' | 'offset', number>,
  of: DataView,
  from: number,
  length: number,
): void {
  for (let at = from; at + 4 <= from + length; at += 4 + of.getUint16(at + 2, true)) {
    if (of.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    for (const key of ['size', 'packed', 'offset'] as const) {
      if (sizes[key] !== FULL) continue;
      if (next + 8 > from + length) throw new ZipProblem('zip_damaged');
      sizes[key] = wide(of, next);
      next += 8;
    }
  }
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** Reads all of a file, and no more than it should be. */
async function check(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  entry: ZipEntry,
  keep?: (part: Uint8Array<ArrayBuffer>) => void,
): Promise<void> {
  let sum = -1;
  let size = 0;
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > entry.size) break;
      for (const byte of value) sum = (TABLE[(sum ^ byte) & 255] ?? 0) ^ (sum >>> 8);
      keep?.(value);
    }
  } catch {
    throw new ZipProblem('zip_damaged');
  } finally {
    reader.cancel().catch(() => undefined);
  }
  if (size !== entry.size || (sum ^ -1) >>> 0 !== entry.crc) throw new ZipProblem('zip_damaged');
}
