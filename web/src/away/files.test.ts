import { expect, test } from 'vitest';
import { fileName, gather } from './files';

test('a title becomes a name that every system takes', () => {
  expect(fileName('L’été à Orléans : 3ᵉ / "B"')).toBe('L-ete-a-Orleans-3-B');
  expect(fileName('../../etc/passwd')).toBe('etc-passwd');
  expect(fileName('日本')).toBe('mur');
  expect(fileName('a'.repeat(300))).toHaveLength(80);
});

test('a large answer is gathered whole and in order', async () => {
  const piece = 3 * 1024 * 1024;
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(stream) {
      if (sent === 7) stream.close();
      else stream.enqueue(new Uint8Array(piece).fill(sent++));
    },
  });
  let told = 0;
  const answer = new Response(body, { headers: { 'Content-Type': 'application/zip' } });
  const blob = await gather(answer, (bytes) => (told += bytes));
  const bytes = new Uint8Array(await blob.arrayBuffer());
  expect([blob.type, blob.size, told]).toEqual(['application/zip', 7 * piece, 7 * piece]);
  expect(Array.from({ length: 7 }, (_, i) => bytes[i * piece + 5])).toEqual([0, 1, 2, 3, 4, 5, 6]);
});
