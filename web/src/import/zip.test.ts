import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Zip, type ZipFault, ZipProblem } from './zip';

interface Part {
  name: string;
  text: string;
  deflate?: boolean;
  /** What the directory says instead. */
  says?: { size?: number; packed?: number; crc?: number; flags?: number; offset?: number };
}

/** A ZIP made by hand, so that it can be wrong. `wide` writes sizes as ZIP64 does. */
function zipOf(parts: Part[], { wide = false, comment = '' } = {}): Uint8Array<ArrayBuffer> {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const part of parts) {
    const plain = Buffer.from(part.text);
    const packed = part.deflate ? deflateRawSync(plain) : plain;
    const name = Buffer.from(part.name);
    const says = {
      size: plain.length,
      packed: packed.length,
      crc: crc32(plain),
      flags: 0,
      offset: at,
      ...part.says,
    };
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const extra = Buffer.alloc(wide ? 28 : 0);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(says.flags, 8);
    central.writeUInt16LE(part.deflate ? 8 : 0, 10);
    central.writeUInt32LE(says.crc, 16);
    for (const [to, value] of [
      [20, says.packed],
      [24, says.size],
      [42, says.offset],
    ] as const) {
      central.writeUInt32LE(wide ? 0xffffffff : value, to);
    }
    if (wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      for (const [i, n] of [says.size, says.packed, says.offset].entries())
        extra.writeBigUInt64LE(BigInt(n), 4 + 8 * i);
    }
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(extra.length, 30);
    files.push(local, name, packed);
    directory.push(central, name, extra);
    at += local.length + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(wide ? 0xffff : parts.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(wide ? 0xffffffff : at, 16);
  end.writeUInt16LE(comment.length, 20);
  const large = Buffer.alloc(wide ? 76 : 0);
  if (wide) {
    large.writeUInt32LE(0x06064b50, 0);
    large.writeBigUInt64LE(BigInt(parts.length), 32);
    large.writeBigUInt64LE(BigInt(listed.length), 40);
    large.writeBigUInt64LE(BigInt(at), 48);
    large.writeUInt32LE(0x07064b50, 56);
    large.writeBigUInt64LE(BigInt(at + listed.length), 64);
  }
  return new Uint8Array(Buffer.concat([...files, listed, large, end, Buffer.from(comment)]));
}

const open = (bytes: Uint8Array<ArrayBuffer>) => Zip.open(new Blob([bytes]));

async function readAll(bytes: Uint8Array<ArrayBuffer>): Promise<Record<string, string>> {
  const zip = await open(bytes);
  const out: Record<string, string> = {};
  for (const entry of zip.entries.values()) out[entry.name] = await (await zip.read(entry)).text();
  return out;
}

async function faultOf(bytes: Uint8Array<ArrayBuffer>): Promise<ZipFault | undefined> {
  return readAll(bytes).then(
    () => undefined,
    (error: unknown) => (error instanceof ZipProblem ? error.code : undefined),
  );
}

const PARTS: Part[] = [
  { name: 'media/été.txt', text: 'stored as it is' },
  { name: 'board.json', text: '{"version":1}'.repeat(500), deflate: true },
];
const TEXTS = Object.fromEntries(PARTS.map(({ name, text }) => [name, text]));

describe('a ZIP', () => {
  test('gives its files, stored or deflated, behind a comment, and with sizes of 64 bits', async () => {
    expect(await readAll(zipOf(PARTS))).toEqual(TEXTS);
    expect(await readAll(zipOf(PARTS, { comment: 'PK, they say' }))).toEqual(TEXTS);
    expect(await readAll(zipOf(PARTS, { wide: true }))).toEqual(TEXTS);
    expect(await readAll(zipOf([]))).toEqual({});
  });

  const hostile: [string, ZipFault, () => Uint8Array<ArrayBuffer>][] = [
    ['that is a picture', 'not_zip', () => new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0])],
    ['of no bytes', 'not_zip', () => new Uint8Array()],
    ['that was cut', 'zip_cut', () => zipOf(PARTS).slice(0, -30)],
    [
      'whose directory is past its end',
      'zip_cut',
      () => {
        const bytes = zipOf(PARTS);
        new DataView(bytes.buffer).setUint32(bytes.length - 6, bytes.length, true);
        return bytes;
      },
    ],
    [
      'whose directory says to be endless',
      'zip_damaged',
      () => {
        const bytes = zipOf(PARTS);
        new DataView(bytes.buffer).setUint32(bytes.length - 10, 0x7fffffff, true);
        return bytes;
      },
    ],
    [
      'that counts more files than it has',
      'zip_damaged',
      () => {
        const bytes = zipOf(PARTS);
        new DataView(bytes.buffer).setUint16(bytes.length - 12, 9, true);
        return bytes;
      },
    ],
    [
      'with a file twice',
      'zip_twice',
      () => zipOf([...PARTS, { name: 'board.json', text: 'other' }]),
    ],
    ['with a password', 'zip_locked', () => zipOf([{ name: 'a', text: 'a', says: { flags: 1 } }])],
    [
      'with a wrong byte',
      'zip_damaged',
      () => {
        const bytes = zipOf(PARTS);
        bytes[50] = (bytes[50] ?? 0) ^ 1;
        return bytes;
      },
    ],
    [
      'that unpacks to more than it says',
      'zip_damaged',
      () =>
        zipOf([{ name: 'bomb', text: 'x'.repeat(5_000_000), deflate: true, says: { size: 10 } }]),
    ],
    [
      'that unpacks to less than it says',
      'zip_damaged',
      () => zipOf([{ name: 'a', text: 'abc', deflate: true, says: { size: 10 } }]),
    ],
    [
      'whose stored sizes differ',
      'zip_damaged',
      () => zipOf([{ name: 'a', text: 'abc', says: { size: 10 } }]),
    ],
    [
      'whose file is past its end',
      'zip_cut',
      () => zipOf([{ name: 'a', text: 'abc', says: { offset: 5000 } }]),
    ],
    [
      'whose file begins inside another',
      'zip_damaged',
      () => zipOf([{ name: 'a', text: 'abc'.repeat(50), says: { offset: 7 } }]),
    ],
    [
      'of 64 bits that lead nowhere',
      'zip_cut',
      () => {
        const bytes = zipOf(PARTS, { wide: true });
        new DataView(bytes.buffer).setBigUint64(bytes.length - 22 - 12, 1n << 60n, true);
        return bytes;
      },
    ],
  ];
  test.each(hostile)('%s is refused as %s', async (_, code, make) => {
    expect(await faultOf(make())).toBe(code);
  });
});
