// Files made on the spot, and how a test sends them without a browser.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

/** The CRC of PNG chunks; Node 20 has none to lend. */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A PNG of rows that are packed as `[depth, colourType]` says. */
export function pngOf(width, height, format, rows) {
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
  header.set(format, 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PNG in stripes of a colour, [red, green, blue] from 0 to 255. */
export function png(width, height, [red, green, blue]) {
  const row = (y) => {
    const light = (Math.floor(y / 24) % 2) * 40;
    const line = Buffer.alloc(1 + 3 * width);
    for (let x = 0; x < width; x += 1) {
      line.set([red, green, blue].map((c) => Math.min(255, c + light)), 1 + 3 * x);
    }
    return line;
  };
  return pngOf(width, height, [8, 2], Buffer.concat(Array.from({ length: height }, (_, y) => row(y))));
}

/** Sends a file as its author's browser does; gives its id once it is ready. */
export async function upload(client, bytes, type, name) {
  const { media, upload: ticket } = await client.send('POST', client.wall('/media'), { size: bytes.length, type, name });
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

/** A PDF with a page for each text. */
export function pdf(...texts) {
  const kids = texts.map((_, i) => `${4 + 2 * i} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${texts.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...texts.flatMap((text, i) => {
      const drawn = `BT /F1 28 Tf 60 740 Td (${text}) Tj ET 60 700 475 2 re f`;
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * i} 0 R >>`,
        `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`,
      ];
    }),
  ];
  let out = '%PDF-1.4\n';
  const places = objects.map((object, i) => {
    const at = out.length;
    out += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const xref = out.length;
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const at of places) out += `${String(at).padStart(10, '0')} 00000 n \n`;
  out += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`;
  return Buffer.from(out, 'latin1');
}

/** A tone of so many seconds, as WAV. */
export function wav(seconds, hertz = 440) {
  const rate = 8_000;
  const count = Math.floor(seconds * rate);
  const out = Buffer.alloc(44 + 2 * count);
  out.write('RIFF', 0);
  out.writeUInt32LE(36 + 2 * count, 4);
  out.write('WAVEfmt ', 8);
  out.writeUInt32LE(16, 16);
  out.writeUInt16LE(1, 20);
  out.writeUInt16LE(1, 22);
  out.writeUInt32LE(rate, 24);
  out.writeUInt32LE(2 * rate, 28);
  out.writeUInt16LE(2, 32);
  out.writeUInt16LE(16, 34);
  out.write('data', 36);
  out.writeUInt32LE(2 * count, 40);
  for (let i = 0; i < count; i += 1) {
    out.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * hertz * i) / rate)), 44 + 2 * i);
  }
  return out;
}

/** A video of so many seconds; undefined where there is no ffmpeg to make it. */
export function mp4(file, seconds = 1) {
  try {
    execFileSync('ffmpeg', [
      '-loglevel', 'error', '-y', '-f', 'lavfi', '-i', `testsrc=size=320x180:rate=10:duration=${seconds}`,
      '-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`,
      '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-movflags', '+faststart', file,
    ]);
  } catch {
    return undefined;
  }
  return readFileSync(file);
}
