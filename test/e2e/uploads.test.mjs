// Uploads on real input: what is refused, and what goes on after a kill.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { join, launch, person } from './browser.mjs';
import { pngOf } from './files.mjs';
import { Client, folder, Product, samplePicture } from './product.mjs';

/** One bit a pixel and all of one colour: small on disk, huge in memory. */
const bomb = (width, height) => pngOf(width, height, [1, 0], Buffer.alloc(height * (1 + Math.ceil(width / 8))));

/** Every file below a folder that is larger than nothing. */
function filesIn(dir) {
  return readdirSync(dir, { recursive: true }).map((f) => path.join(dir, f)).filter((f) => statSync(f).isFile() && statSync(f).size > 0);
}

/** What the media service keeps of people's files: not its keys, nor how each upload ended (an id and a code). */
const kept = (product) => [...filesIn(path.join(product.data, 'quarantine')), ...filesIn(path.join(product.data, 'objects'))]
  .filter((f) => !/(secret|credentials|lock|iam|outcomes)/i.test(f));

test('what is no picture is refused with a clear message, and leaves nothing behind', async (t) => {
  const product = await Product.start(t);
  const photo = readFileSync(samplePicture(path.join(await folder(t), 'photo.jpg')));
  const page = await person(await launch(t));
  await join(page, product.links.participants, 'Ada');
  const before = kept(product);
  await page.getByRole('button', { name: 'Publier' }).first().click();
  const dialog = page.getByRole('dialog');
  const input = dialog.getByLabel('Image', { exact: true });
  for (const { name, file, says } of [
    { name: 'a text under another name', file: { name: 'texte.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('bonjour'.repeat(100)) }, says: /n’est pas une image/ },
    { name: 'a decompression bomb', file: { name: 'bombe.png', mimeType: 'image/png', buffer: bomb(30_000, 30_000) }, says: /trop de pixels/ },
    { name: 'a picture cut short', file: { name: 'coupee.jpg', mimeType: 'image/jpeg', buffer: photo.subarray(0, photo.length / 2) }, says: /abîmé/ },
    { name: 'a file that is too large', file: { name: 'lourde.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(31 << 20, 0xff) }, says: /trop lourd/ },
    { name: 'a drawing that can hold scripts', file: { name: 'dessin.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') }, says: /JPEG, PNG, WebP ou GIF/ },
  ]) {
    await t.test(name, async () => {
      await input.setInputFiles(file);
      await dialog.getByText(says).first().waitFor();
      const remove = dialog.getByRole('button', { name: /^Retirer/ });
      if (await remove.count()) await remove.first().click();
    });
  }
  assert.deepEqual(kept(product), before);
  const { media } = await (await new Client(product, product.links.participants).enter('Bob')).snapshot();
  assert.deepEqual(media, [], 'others learn nothing of it');
});

test('an upload cut off by kill -9 resumes where it was', async (t) => {
  const product = await Product.start(t);
  const bytes = readFileSync(samplePicture(path.join(await folder(t), 'photo.jpg')));
  const client = await new Client(product, product.links.participants).enter('Ada');
  const { media, upload } = await client.send('POST', client.wall('/media'), { size: bytes.length, type: 'image/jpeg' });
  const tus = (method, url, headers, body) => fetch(url, {
    method, body, headers: { Authorization: `Bearer ${upload.token}`, 'Tus-Resumable': '1.0.0', ...headers },
  });
  const created = await tus('POST', upload.url, { 'Upload-Length': String(bytes.length) });
  assert.equal(created.status, 201);
  const where = created.headers.get('location');
  const send = (from, to) => tus('PATCH', where, { 'Upload-Offset': String(from), 'Content-Type': 'application/offset+octet-stream' }, bytes.subarray(from, to));
  const half = Math.floor(bytes.length / 2);
  assert.equal((await send(0, half)).status, 204);
  await product.kill();
  await product.start();
  const resumed = await tus('HEAD', where, {});
  assert.equal(Number(resumed.headers.get('upload-offset')), half);
  assert.equal((await send(half, bytes.length)).status, 204);
  await product.kill(); // in the middle of processing, or before, or after
  await product.start();
  for (;;) {
    const now = await client.send('GET', client.wall(`/media/${media.id}`));
    assert.notEqual(now.state, 'refused');
    if (now.state === 'ready') {
      assert.equal(now.picture.height > now.picture.width, true);
      break;
    }
    await new Promise((r) => { setTimeout(r, 50); });
  }
});

test('who is told to wait by the media service waits as long, and the file goes on by itself', async (t) => {
  const product = await Product.start(t);
  const page = await person(await launch(t));
  await join(page, product.links.participants, 'Ada');
  const seen = [];
  await page.route('**/uploads/**', async (route) => {
    const method = route.request().method();
    seen.push(method);
    // As of an address that has sent its share of the minute: what it is by itself takes a minute to see.
    if (method !== 'PATCH' || seen.filter((m) => m === 'PATCH').length > 1) return route.continue();
    return route.fulfill({
      status: 429, contentType: 'application/problem+json', body: JSON.stringify({ status: 429, code: 'upload_address_full', detail: 'Attendez.' }),
      headers: { 'Access-Control-Allow-Origin': product.base, 'Access-Control-Expose-Headers': 'Retry-After', 'Retry-After': '1' },
    });
  });
  await page.getByRole('button', { name: 'Publier' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Image', { exact: true }).setInputFiles(samplePicture(path.join(await folder(t), 'photo.jpg')));
  await dialog.getByRole('status').getByText(/reprend tout seul/).waitFor();
  await dialog.getByText('Prêt', { exact: true }).waitFor();
  assert.equal(await dialog.getByText(/reprend tout seul/).count(), 0);
  assert.deepEqual(seen.filter((m) => m !== 'OPTIONS'), ['POST', 'PATCH', 'HEAD', 'PATCH']);
});

test('a ticket opens its own upload only, and only for the wall’s origin', async (t) => {
  const product = await Product.start(t);
  const client = await new Client(product, product.links.participants).enter('Ada');
  const begin = () => client.send('POST', client.wall('/media'), { size: 10, type: 'image/png' });
  const [mine, other] = [await begin(), await begin()];
  const create = (token, headers = {}) => fetch(mine.upload.url, { method: 'POST', headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': '10', ...(token && { Authorization: `Bearer ${token}` }), ...headers } });
  assert.equal((await create('')).status, 401);
  assert.equal((await create(client.session.token)).status, 401);
  const location = (await create(mine.upload.token)).headers.get('location');
  const foreign = await fetch(location, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0', Authorization: `Bearer ${other.upload.token}` } });
  assert.ok([401, 403, 404].includes(foreign.status), `got ${foreign.status}`);
  const preflight = (origin) => fetch(mine.upload.url, { method: 'OPTIONS', headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization,tus-resumable' } });
  assert.equal((await preflight(product.base)).headers.get('access-control-allow-origin'), product.base);
  assert.equal((await preflight('https://evil.example')).headers.get('access-control-allow-origin'), null);
});
