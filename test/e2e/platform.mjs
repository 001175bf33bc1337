// A site that calls the service for its people, as a Moodle does: with a key of
// its own, and a page that shows a wall in a frame.
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { Client } from './product.mjs';

const base64 = (value) => Buffer.from(value).toString('base64url');

export class Platform {
  /** Connects a site by the operator's key. */
  static async connect(product, name, origins) {
    const p = new Platform();
    p.product = product;
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    p.key = keys.privateKey;
    const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
    const operator = (await readFile(path.join(product.data, 'keys', 'operator.key'), 'utf8')).trim();
    const made = await p.#send('POST', '/api/v1/platforms', { name, issuer: origins[0], origins, keys: JSON.stringify({ keys: [jwk] }) }, operator);
    p.id = made.id;
    return p;
  }

  async #send(method, where, body, bearer) {
    const client = new Client(this.product, `${this.product.base}/w/x#x`);
    return client.send(method, where, body, { Authorization: `Bearer ${bearer}` });
  }

  /** An access token, by an assertion that the site signs. */
  async token() {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.id, sub: this.id, aud: `${this.product.base}/api/v1/oauth/token`, iat: now, exp: now + 60, jti: randomUUID() };
    const text = `${base64(JSON.stringify({ alg: 'ES256', kid: 'one' }))}.${base64(JSON.stringify(claims))}`;
    const signature = sign('sha256', Buffer.from(text), { key: this.key, dsaEncoding: 'ieee-p1363' });
    const response = await fetch(`${this.product.base}/api/v1/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials', client_assertion: `${text}.${base64(signature)}`,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer.access_token;
  }

  async call(method, where, body) {
    this.bearer ??= await this.token();
    return this.#send(method, `/api/v1/platform${where}`, body, this.bearer);
  }

  /** Makes a wall, and gives its id. */
  async wall(fields = {}) {
    return (await this.call('POST', '/boards', { title: 'Mur du cours', ...fields })).board.id;
  }

  ticket(wall, fields) {
    return this.call('POST', `/boards/${wall}/tickets`, { role: 'writer', ...fields });
  }
}

/** The site's pages: `show` says what is at /; gives the origin under a host's name. */
export async function pages(t, host, show) {
  const server = http.createServer(async (request, answer) => {
    if (request.url !== '/') return answer.writeHead(404).end();
    answer.setHeader('Content-Type', 'text/html; charset=utf-8');
    answer.end(`<!doctype html><html lang="fr"><meta charset="utf-8"><title>Cours</title><body style="margin:16px;font:16px sans-serif;background:Canvas;color-scheme:light dark">
      <h1>Activité</h1><script>addEventListener('message', (e) => (window.heard ??= []).push({ origin: e.origin, ...e.data }))</script>${await show()}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://${host}:${server.address().port}`;
}

export const frame = (url) => `<iframe src="${url}" style="width:100%;height:700px;border:0" title="Mur" allow="fullscreen; microphone"></iframe>`;
