// A site is told what its people do on a wall, also when the product is killed
// before it could tell, or while the site is away. The product and the site are
// processes of their own.
import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { platformToken } from './crafted.mjs';
import { Client, freePort, Product, until } from './product.mjs';

/** A site's end of a webhook, by what Standard Webhooks says; `told` is what it knows of each user. */
class Site {
  told = {};
  secret = Buffer.alloc(0);

  async open(port) {
    this.server = http.createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      const body = Buffer.concat(parts);
      const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signed } = request.headers;
      const want = createHmac('sha256', this.secret).update(`${id}.${at}.`).update(body).digest();
      const right = signed.split(' ').some((one) => {
        const given = Buffer.from(one.split(',')[1], 'base64');
        return given.length === want.length && timingSafeEqual(given, want);
      });
      if (right) {
        const { data } = JSON.parse(body);
        this.told[data.user] = data;
      }
      response.writeHead(right ? 204 : 401).end();
    }).listen(port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async close() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

test('what was acknowledged is told, though the product is killed and the site was away', async (t) => {
  const product = await Product.start(t);
  const port = await freePort();
  const operator = { Authorization: `Bearer ${readFileSync(path.join(product.data, 'keys/operator.key'), 'utf8').trim()}` };
  const anyone = new Client(product, product.links.trainer);
  const { id } = await anyone.send('POST', '/api/v1/platforms', {
    name: 'Moodle', issuer: 'https://moodle.example', keysUrl: 'https://moodle.example/keys', webhook: `http://127.0.0.1:${port}/hook`,
  }, operator);
  const as = () => ({ Authorization: `Bearer ${platformToken(product, id)}` });
  const { board } = await anyone.send('POST', '/api/v1/platform/boards', { title: 'Mur' }, as());
  const site = new Site();
  const { secret } = await anyone.send('GET', `/api/v1/platforms/${id}/webhook`, undefined, operator);
  site.secret = Buffer.from(secret.replace('whsec_', ''), 'base64');

  const come = async (user) => {
    const { ticket } = await anyone.send('POST', `/api/v1/platform/boards/${board.id}/tickets`, { user, role: 'writer' }, as());
    const someone = new Client(product, `${product.base}/w/${board.id}#none`);
    someone.session = await someone.send('POST', '/api/v1/sessions', { boardId: board.id, ticket });
    return someone;
  };
  // The site is away, and the product dies as soon as it has answered.
  const ada = await come('ada');
  await ada.post({ title: 'un' });
  await product.kill();
  await product.start();
  const bob = await come('bob');
  await bob.post({ title: 'deux' });
  await site.open(port);
  t.after(() => site.close());
  await until((told) => told.ada?.posts === 1 && told.bob?.posts === 1, () => site.told, 60_000);

  // And once more while the site is there.
  await ada.post({ title: 'trois' });
  await product.kill();
  await product.start();
  await until((told) => told.ada.posts === 2, () => site.told, 60_000);
  const { deliveries } = await anyone.send('GET', `/api/v1/platforms/${id}/deliveries?state=dead`, undefined, operator);
  assert.deepEqual(deliveries, []);
});
