// What is acknowledged lasts, whatever ends the process.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import net from 'node:net';
import { once } from 'node:events';
import test from 'node:test';
import { join, launch, person } from './browser.mjs';
import { Client, freePort, Product, runToEnd } from './product.mjs';

test('kill -9 while people post loses nothing acknowledged', async (t) => {
  const product = await Product.start(t);
  const links = product.links;
  const browser = await launch(t);
  const watcher = await person(browser);
  await join(watcher, links.participants, 'Ada');
  const client = await new Client(product, links.participants).enter('Bob');
  const acknowledged = new Map();
  let going = true;
  const writers = Array.from({ length: 4 }, async (_, w) => {
    for (let n = 0; going; n += 1) {
      const id = randomUUID();
      try {
        await client.post({ id, title: `auteur ${w} numéro ${n}` });
        acknowledged.set(id, `auteur ${w} numéro ${n}`);
      } catch {
        return; // the process is gone; what was not answered may or may not be there
      }
    }
  });
  while (acknowledged.size < 40) await new Promise((r) => { setTimeout(r, 5); });
  await product.kill();
  going = false;
  await Promise.all(writers);

  await product.start();
  assert.deepEqual(product.links, links, 'the links stay the same');
  const { posts } = await (await new Client(product, links.participants).enter('Bob')).snapshot();
  const found = new Map(posts.map((p) => [p.id, p.title]));
  for (const [id, title] of acknowledged) assert.equal(found.get(id), title);
  assert.equal(found.size, posts.length, 'no post is there twice');

  // The browser that was watching comes back by itself and shows the same.
  const last = [...acknowledged.values()].at(-1);
  await watcher.getByLabel('Rechercher sur le mur').fill(last);
  await watcher.getByRole('article', { name: new RegExp(`${last}$`) }).first().waitFor();
  await watcher.getByText('En direct').first().waitFor();
});

test('an orderly end and a second start keep everything', async (t) => {
  const product = await Product.start(t);
  const client = await new Client(product, product.links.participants).enter('Ada');
  const post = await client.post({ title: 'reste' });
  await product.stop();
  await product.start();
  const { posts } = await (await new Client(product, product.links.participants).enter('Ada')).snapshot();
  assert.deepEqual(posts.map((p) => [p.id, p.rev]), [[post.id, 1]]);
});

test('what keeps it from running is told at once, with exit 1', async (t) => {
  const busy = net.createServer().listen(0, '127.0.0.1');
  await once(busy, 'listening');
  t.after(() => busy.close());
  const { code, out } = await runToEnd(
    ['-addr', `127.0.0.1:${busy.address().port}`, '-media-addr', `127.0.0.1:${await freePort()}`, '-data', '/dev/null/fresque', '-nonsense=1'],
    { FRESQUE_ADRR: 'x', FRESQUE_UPLOAD_ADDR: `127.0.0.1:${await freePort()}` },
  );
  assert.equal(code, 1);
  for (const part of ['address already in use', '/dev/null', '-nonsense', 'FRESQUE_ADRR']) assert.match(out, new RegExp(part));
  assert.equal(out.trim().split('\n').length, 4, `one line each:\n${out}`);
});

test('a folder in use by another process is refused', async (t) => {
  const product = await Product.start(t);
  const port = async () => `127.0.0.1:${await freePort()}`;
  const { code, out } = await runToEnd(['-data', product.data, '-addr', await port(), '-media-addr', await port(), '-upload-addr', await port()]);
  assert.equal(code, 1);
  assert.match(out, /in use by another process/);
});

test('the keys are readable by their owner only', async (t) => {
  const product = await Product.start(t);
  for (const name of ['master.key', 'operator.key']) {
    const file = `${product.data}/keys/${name}`;
    assert.equal((await stat(file)).mode & 0o077, 0);
    const key = (await readFile(file, 'utf8')).trim();
    assert.equal(product.log.includes(key), false, 'no key is logged');
  }
});
