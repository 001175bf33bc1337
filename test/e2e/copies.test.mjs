// A wall that a platform copies: its pictures come along, whatever is killed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { pngOf } from './files.mjs';
import { Platform } from './platform.mjs';
import { Client, Product, until } from './product.mjs';

/** A session of a user of the platform's, on a wall. */
async function visit(product, platform, wall, user) {
  const { ticket } = await platform.ticket(wall, { user, name: user });
  const client = new Client(product, `${product.base}/w/${wall}#x`);
  client.session = await client.send('POST', '/api/v1/sessions', { boardId: wall, ticket });
  return client;
}

/** Uploads a picture and posts it; gives the upload once it is ready. */
async function postPicture(client, bytes) {
  const { media, upload } = await client.send('POST', client.wall('/media'), { size: bytes.length, type: 'image/png', name: 'photo.png' });
  const tus = { Authorization: `Bearer ${upload.token}`, 'Tus-Resumable': '1.0.0' };
  const created = await fetch(upload.url, { method: 'POST', headers: { ...tus, 'Upload-Length': String(bytes.length) } });
  const where = new URL(created.headers.get('location'), upload.url);
  await fetch(where, { method: 'PATCH', headers: { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' }, body: bytes });
  await client.post({ title: 'Photo', attachments: [{ type: 'media', mediaId: media.id, alt: 'Une photo' }] });
  return until((m) => m.state === 'ready', () => client.send('GET', client.wall(`/media/${media.id}`)));
}

const files = async (media) => Promise.all(media.picture.variants.map(async (v) => {
  const answer = await fetch(v.url);
  assert.equal(answer.status, 200, v.url);
  return Buffer.from(await answer.arrayBuffer()).toString('base64');
}));

test('a copied wall has pictures of its own', async (t) => {
  const product = await Product.start(t);
  const platform = await Platform.connect(product, 'Moodle', ['https://moodle.example']);
  const wall = await platform.wall();
  const row = 1 + 400 * 3;
  const original = await postPicture(await visit(product, platform, wall, 'Ada'), pngOf(400, 300, [8, 2], Buffer.alloc(row * 300).map((_, i) => (i % row ? i * 7 : 0))));
  const made = await platform.call('POST', `/boards/${wall}/clone`, { contributions: true });
  assert.deepEqual(made.without, { pictures: 0, posts: 0 });
  // The copy is owed from now on, whoever dies.
  await product.kill();
  await product.start();
  const copy = made.board.id;
  const ada = await visit(product, platform, copy, 'Ada');
  const [media] = await until((all) => all[0]?.state === 'ready', async () => (await ada.snapshot()).media);
  assert.notEqual(media.id, original.id);
  assert.equal(media.picture.width, 400);
  assert.deepEqual(await files(media), await files(original));
  const { posts } = await ada.snapshot();
  assert.equal(posts[0].attachments[0].mediaId, media.id);
  // They are its own: what is erased on the original stays here.
  await platform.call('POST', `/boards/${wall}/reset`, { contributions: true });
  await until((status) => status === 404, async () => (await fetch(original.picture.variants[0].url)).status);
  assert.equal((await files(media)).length, media.picture.variants.length);
});
