// Tokens made with the product's own key, for what a test has no other way to:
// whoever holds the key is the service.
import { createHash, createPrivateKey, createPublicKey, hkdfSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const part = (data) => Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)).toString('base64url');

function craft(product, typ, audience, claims) {
  const master = Buffer.from(readFileSync(path.join(product.data, 'keys/master.key'), 'utf8').trim(), 'base64');
  const seed = Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), 'fresque tokens', 32));
  const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  const kid = createHash('sha256').update(raw).digest().subarray(0, 9).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const body = `${part({ alg: 'EdDSA', typ, kid })}.${part({ iss: 'fresque-board', aud: [audience], iat: now, exp: now + 3600, ...claims })}`;
  return `${body}.${sign(null, Buffer.from(body), key).toString('base64url')}`;
}

/** The access token of a platform. */
export const platformToken = (product, id) =>
  craft(product, 'platform+jwt', 'fresque-platform', { sub: id, scope: 'boards tickets participation privacy' });

/** A session of somebody on a board. */
export const sessionToken = (product, board, participant, name, role) =>
  craft(product, 'session+jwt', 'fresque-board', { sub: participant, brd: board, nam: name, rol: role });
