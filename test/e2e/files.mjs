// Files made on the spot, and how a test sends them without a browser.
import { deflateSync } from 'node:zlib';

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A PNG in stripes of a colour, [red, green, blue] from 0 to 255. */
export function png(width, height, [red, green, blue]) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const row = (y) => {
    const light = (Math.floor(y / 24) % 2) * 40;
    const line = Buffer.alloc(1 + 3 * width);
    for (let x = 0; x < width; x += 1) {
      line.set([red, green, blue].map((c) => Math.min(255, c + light)), 1 + 3 * x);
    }
    return line;
  };
  const rows = Buffer.concat(Array.from({ length: height }, (_, y) => row(y)));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Sends a file as its author's browser does; gives its id once it is ready. */
export async function upload(client, bytes, type, name) {
  const { media, upload: ticket } = await client.send('POST', client.wall('/media'), { size: bytes.length, type });
  const response = await fetch(ticket.url, {
    method: 'POST',
    body: bytes,
    headers: {
      Authorization: `Bearer ${ticket.token}`,
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(bytes.length),
      'Content-Type': 'application/offset+octet-stream',
    },
  });
  if (response.status !== 201) throw new Error(`${name}: ${response.status} ${await response.text()}`);
  for (;;) {
    const now = await client.send('GET', client.wall(`/media/${media.id}`));
    if (now.state === 'refused') throw new Error(`${name}: ${now.refusal}`);
    if (now.state === 'ready') return media.id;
    await new Promise((done) => { setTimeout(done, 50); });
  }
}

/** An attachment of a media, as a post holds it. */
export const attached = (mediaId, words = {}) => ({ type: 'media', mediaId, caption: '', alt: '', ...words });
