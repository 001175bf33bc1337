// The world outside, on this machine: a web server, and providers over https
// under their own names, which the product finds by a DNS server of the test.
import { execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { png } from './files.mjs';
import { folder } from './product.mjs';

const html = (body) => ({ type: 'text/html; charset=utf-8', body: `<!doctype html>${body}` });
const picture = (colour) => ({ type: 'image/png', body: png(640, 336, colour) });

/** Answers by path from a table; keeps what was asked for. */
function answering(pages, asked) {
  return (request, response) => {
    const url = new URL(request.url, 'http://x');
    asked.push(`${request.headers.host}${request.url}`);
    const page = pages[url.pathname];
    if (!page) return response.writeHead(404).end();
    if (page.held) return request.on('close', () => response.destroy());
    if (page.to) return response.writeHead(302, { Location: page.to }).end();
    return response.writeHead(200, { 'Content-Type': page.type }).end(page.body);
  };
}

/** A site that anybody may read, on an address with a port; `pages` can change. */
export async function site(t) {
  const asked = [];
  const pages = {
    '/volcans': html(`<title>Les volcans</title>
      <meta property="og:title" content="Les volcans d’Auvergne">
      <meta property="og:description" content="Quatre-vingts cônes et dômes, alignés du nord au sud, et ce qu’ils racontent de la Terre.">
      <meta property="og:site_name" content="Revue de géologie">
      <meta property="og:image" content="/volcans.png">`),
    '/volcans.png': picture([140, 70, 40]),
    '/sans-image': html('<title>Une page sans image</title><meta name="description" content="Du texte, et rien d’autre.">'),
    '/lente': { held: true },
  };
  const server = http.createServer(answering(pages, asked)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = `127.0.0.1:${server.address().port}`;
  return { address, base: `http://${address}`, asked, pages };
}

const POD = 'podeduc.apps.education.fr';
const TUBE = 'www.youtube-nocookie.com';

/** Pod and YouTube, for the product (`env`, `args`) and for browsers (`chromium`), which `framed` tells apart. */
export async function providers(t) {
  const dir = await folder(t);
  const root = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
  execFileSync('go', ['run', path.join(root, 'src/crypto/tls/generate_cert.go'),
    '--host', `${POD},${TUBE},www.youtube.com`, '--ca', '--ecdsa-curve', 'P256'], { cwd: dir, stdio: 'ignore' });
  const tls = { cert: readFileSync(path.join(dir, 'cert.pem')), key: readFileSync(path.join(dir, 'key.pem')) };
  const pages = {
    '/video/0042-les-volcans/': html(`<title>Les volcans, en vidéo</title>
      <meta property="og:title" content="Les volcans, en vidéo"><meta property="og:site_name" content="PodÉduc">
      <meta property="og:description" content="Ajouté par Jeanne Martin"><meta property="og:image" content="/poster.png">`),
    '/video/0043-reservee/': { to: '/authentication_login/?referrer=/video/0043-reservee/' },
    '/authentication_login/': html('<title>Réservée et secrète</title>'),
    '/poster.png': picture([40, 90, 70]),
    '/oembed': { type: 'application/json', body: JSON.stringify({ title: 'Un film', provider_name: 'YouTube', thumbnail_url: `https://${POD}/poster.png` }) },
    '/embed/dQw4w9WgXcQ': html('<title>Lecteur</title><body style="background:#246;color:#fff;font:20px sans-serif">Le lecteur'),
  };
  // An address of this run's own: 443 is one port, and several runs may be at it.
  const address = `127.${1 + Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}.9`;
  const server = { asked: [] };
  const framed = { asked: [] };
  for (const [one, at] of [[server, [443, address]], [framed, [0, '127.0.0.1']]]) {
    one.https = https.createServer(tls, answering(pages, one.asked)).listen(...at);
    await once(one.https, 'listening');
    t.after(() => one.https.close());
  }
  const dns = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(dns, 'listening');
  t.after(() => dns.close());
  dns.on('message', (query, from) => dns.send(answerTo(query, address), from.port, from.address));
  const port = framed.https.address().port;
  return {
    server, framed,
    args: ['-preview-dns', `127.0.0.1:${dns.address().port}`, '-preview-allow', `${address}:443`],
    env: { FRESQUE_PREVIEWS: 'yes', SSL_CERT_FILE: path.join(dir, 'cert.pem') },
    chromium: ['--ignore-certificate-errors', `--host-resolver-rules=MAP ${POD} 127.0.0.1:${port}, MAP ${TUBE} 127.0.0.1:${port}`],
  };
}

/** One address for every name, and no IPv6. */
function answerTo(query, address) {
  const end = query.indexOf(0, 12) + 5;
  const question = query.subarray(12, end);
  const type = query.readUInt16BE(end - 4);
  const head = Buffer.from([query[0], query[1], 0x85, 0x80, 0, 1, 0, type === 1 ? 1 : 0, 0, 0, 0, 0]);
  const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]);
  return Buffer.concat(type === 1 ? [head, question, answer] : [head, question]);
}
