// What a person of a platform's has uploaded goes with them, for good, and their
// open page is told.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { platformToken } from './crafted.mjs';
import { upload, attached } from './files.mjs';
import { Client, folder, Product, samplePicture } from './product.mjs';

/** What is kept of people's files. */
const objects = (product) => readdirSync(path.join(product.data, 'objects'), { recursive: true })
  .map((f) => path.join(product.data, 'objects', f))
  .filter((f) => statSync(f).isFile() && /\.(webp|jpe?g)|xl\.meta/.test(f));

test('the files of whoever is erased are gone from the object store', async (t) => {
  const product = await Product.start(t);
  const operator = { Authorization: `Bearer ${readFileSync(path.join(product.data, 'keys/operator.key'), 'utf8').trim()}` };
  const anyone = new Client(product, product.links.trainer);
  const site = await anyone.send('POST', '/api/v1/platforms', { name: 'Moodle', issuer: 'https://moodle.example', keysUrl: 'https://moodle.example/keys' }, operator);
  const as = { Authorization: `Bearer ${platformToken(product, site.id)}` };
  const { board } = await anyone.send('POST', '/api/v1/platform/boards', { title: 'Ma séance' }, as);
  const { ticket } = await anyone.send('POST', `/api/v1/platform/boards/${board.id}/tickets`, { user: 'ref-zoe', name: 'Zoé', role: 'writer' }, as);
  const zoe = new Client(product, `${product.base}/w/${board.id}#none`);
  zoe.session = await zoe.send('POST', '/api/v1/sessions', { boardId: board.id, ticket });
  const before = objects(product).length;
  const photo = readFileSync(samplePicture(path.join(await folder(t), 'photo.jpg')));
  await zoe.post({ title: 'Photo', attachments: [attached(await upload(zoe, photo, 'image/jpeg', 'zoe.jpg'), { alt: 'Zoé' })] });
  assert.ok(objects(product).length > before, 'the test looks in the wrong place');
  const { uploads } = (await anyone.send('GET', '/api/v1/platform/users/ref-zoe', undefined, as)).boards[0];
  assert.equal(uploads[0].name, 'zoe.jpg');
  const shown = uploads[0].picture.variants[0].url;
  assert.equal((await fetch(shown)).status, 200);

  await anyone.send('DELETE', '/api/v1/platform/users/ref-zoe', undefined, as);
  while (objects(product).length > before) await new Promise((done) => { setTimeout(done, 100); });
  assert.equal((await fetch(shown)).status, 404);
  await assert.rejects(zoe.snapshot(), /401 user_erased/);
});
