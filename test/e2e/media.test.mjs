// Sounds, videos and documents, through the whole product: what browsers play
// of them, what they tell, and what a kill leaves.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { launch } from './browser.mjs';
import { attached, pdf, upload } from './files.mjs';
import { Client, folder, freePort, Product } from './product.mjs';

/** Lets ffmpeg record, with a title and a place that nobody is to learn. */
async function record(t, name, ...args) {
  const file = path.join(await folder(t), name);
  execFileSync('ffmpeg', ['-v', 'error', ...args, '-metadata', 'title=SECRET', '-metadata', 'location=+48.8584+002.2945/', file]);
  return readFileSync(file);
}

const sight = (seconds, size = '320x240') => ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=25:duration=${seconds}`];
const sound = ['-f', 'lavfi', '-i', 'sine=duration=2'];

test('what was sent plays in a browser, and tells nothing of its author', async (t) => {
  const product = await Product.start(t);
  const client = await new Client(product, product.links.participants).enter('Ada');
  const page = await (await launch(t)).newPage();
  const plays = (url) => page.evaluate(async (src) => {
    const video = Object.assign(document.createElement('video'), { src, muted: true });
    document.body.append(video);
    await new Promise((done, fail) => {
      video.onloadeddata = done;
      video.onerror = () => fail(new Error(video.error.message));
    });
    video.currentTime = 1;
    await new Promise((done) => { video.onseeked = done; });
    await video.play();
    return { width: video.videoWidth, duration: video.duration };
  }, url);
  // A browser lets a page of nowhere play nothing of this machine.
  const port = await freePort();
  const server = http.createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end('<title>Page</title>')).listen(port, '127.0.0.1');
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  await page.goto(`http://127.0.0.1:${port}/`);
  for (const { name, type, args, kind, width } of [
    { name: 'été.mov', type: 'video/quicktime', args: [...sight(2), ...sound, '-c:v', 'mjpeg', '-pix_fmt', 'yuvj422p', '-c:a', 'pcm_s16le'], kind: 'video', width: 320 },
    { name: 'film.mp4', type: 'video/mp4', args: [...sight(2), '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'], kind: 'video', width: 320 },
    { name: 'voix.webm', type: 'audio/webm;codecs=opus', args: [...sound, '-c:a', 'libopus'], kind: 'audio', width: 0 },
  ]) {
    await t.test(name, async () => {
      const bytes = await record(t, name, ...args);
      const id = await upload(client, bytes, type, name);
      await client.post({ title: name, attachments: [attached(id)] });
      const media = (await client.snapshot()).media.find((one) => one.id === id);
      assert.equal(media.kind, kind);
      assert.equal(media.name, name);
      assert.ok(media.duration > 1.9 && media.duration < 2.2, `${media.duration} s`);
      assert.equal(media.picture !== undefined, kind === 'video', 'a video has a poster');
      const shown = await plays(media.file.url);
      assert.equal(shown.width, width);
      for (const { url } of [media.file, ...(media.original ? [media.original] : [])]) {
        const answer = await fetch(url);
        const body = Buffer.from(await answer.arrayBuffer()).toString('latin1');
        assert.doesNotMatch(body, /SECRET|48\.8584/);
        assert.match(answer.headers.get('content-security-policy'), /sandbox/);
      }
    });
  }
});

test('documents are downloaded under their names, and limits are told before', async (t) => {
  const product = await Product.start(t, undefined, ['-file-types', 'pdf,txt', '-board-mib', '1', '-file-mib', '1']);
  const client = await new Client(product, product.links.participants).enter('Ada');
  const { limits } = await client.snapshot();
  assert.equal(limits.boardBytes, 1 << 20);
  assert.deepEqual(limits.kinds.find(({ kind }) => kind === 'file').extensions, ['pdf', 'txt']);
  const id = await upload(client, pdf('un', 'deux'), 'application/pdf', 'Compte rendu.pdf');
  await client.post({ title: 'Bilan', attachments: [attached(id)] });
  const snapshot = await client.snapshot();
  const media = snapshot.media.find((one) => one.id === id);
  assert.equal(media.pages, 2);
  assert.ok(media.picture.height > media.picture.width, 'its first page is shown');
  assert.equal(snapshot.limits.bytesLeft, (1 << 20) - media.size);
  const answer = await fetch(media.file.url);
  assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="Compte rendu.pdf"');
  const refused = (body) => assert.rejects(client.send('POST', client.wall('/media'), body));
  await refused({ size: 10, type: '', name: 'x.odt' });
  await refused({ size: 2 << 20, type: 'application/pdf', name: 'x.pdf' });
  await assert.rejects(client.send('POST', client.wall('/media'), { size: 1 << 20, type: 'application/pdf', name: 'x.pdf' }), /413 board_full/);
});

test('a conversion cut off by kill -9 is done after the next start', async (t) => {
  const product = await Product.start(t);
  const client = await new Client(product, product.links.participants).enter('Ada');
  const bytes = await record(t, 'long.mp4', ...sight(20, '640x480'), '-c:v', 'mpeg4');
  const ready = upload(client, bytes, 'video/mp4', 'long.mp4').catch((fault) => fault);
  const work = path.join(product.data, 'quarantine', 'work');
  const converting = () => existsSync(work) && readdirSync(work, { recursive: true }).some((name) => String(name).endsWith('played.mp4'));
  while (!converting()) await new Promise((done) => { setTimeout(done, 20); });
  await product.kill();
  assert.ok(await ready instanceof Error, 'it was cut off');
  await product.start();
  const back = await new Client(product, product.links.participants).enter('Bob');
  const id = (await readdirSync(path.join(product.data, 'quarantine', 'uploads'))).find((name) => !name.endsWith('.info'));
  assert.ok(id, 'the file is still in quarantine');
  for (;;) {
    const media = await client.send('GET', client.wall(`/media/${id}`)).catch(() => undefined);
    assert.notEqual(media?.state, 'refused');
    if (media?.state === 'ready') break;
    await new Promise((done) => { setTimeout(done, 100); });
  }
  await client.post({ title: 'Long', attachments: [attached(id)] });
  const { media } = await back.snapshot();
  assert.equal((await fetch(media[0].file.url)).status, 200);
  assert.deepEqual(readdirSync(work), []);
});
