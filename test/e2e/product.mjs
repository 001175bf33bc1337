// Starts the product as a person would: the standalone binary, on free ports
// and a folder of its own.
import { spawn, execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** E2E_BINARY names another, such as one built apart while this tree changes. */
const binary = process.env.E2E_BINARY ?? path.join(root, 'bin/fresque');

/** A folder that goes when the test ends. */
export async function folder(t) {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'fresque-e2e-'));
  // What runs in it may write a last time meanwhile.
  t.after(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
}

/** A port that nobody has, and that no outgoing connection is given before it is used (those are above). */
export async function freePort() {
  for (;;) {
    const server = net.createServer().listen(randomInt(11_000, 32_000), '127.0.0.1');
    const taken = await once(server, 'listening').then(() => false, () => true);
    if (taken) continue;
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Runs the binary until it ends; gives its exit code and what it printed. */
export async function runToEnd(args, env = {}) {
  const child = spawn(binary, args, { env: { ...process.env, ...env } });
  let out = '';
  child.stdout.on('data', (d) => { out += d; });
  child.stderr.on('data', (d) => { out += d; });
  const [code] = await once(child, 'exit');
  return { code, out };
}

/** Asks until what is found holds, and gives it; fails after so many milliseconds. */
export async function until(holds, ask, within = Number(process.env.E2E_TIMEOUT ?? 20_000)) {
  const end = Date.now() + within;
  for (;;) {
    const found = await ask();
    if (holds(found)) return found;
    if (Date.now() > end) throw new Error(`it is still ${JSON.stringify(found)}`);
    await new Promise((done) => { setTimeout(done, 50); });
  }
}

/**
 * The running product. `links.trainer` and `links.participants` are what it
 * prints, `links.setup` too until the first account is made; `kill` is SIGKILL; `start` starts it again on the same data and ports.
 */
export class Product {
  static async start(t, data, args = [], env = {}) {
    const p = new Product();
    t.after(() => p.stop()); // before its folder goes: these are done in order
    p.args = args;
    // No page of the world is read, but by tests that bring a world of their own.
    // What asks for it again and again until it is there is faster than people.
    p.env = { FRESQUE_PREVIEWS: 'no', FRESQUE_SESSION_READS: '100000', FRESQUE_SESSION_WRITES: '100000', ...env };
    p.data = data ?? await folder(t);
    p.ports = [await freePort(), await freePort(), await freePort()];
    await p.start();
    return p;
  }

  get base() { return `http://localhost:${this.ports[0]}`; }

  async start() {
    const [web, media, upload] = this.ports.map((port) => `127.0.0.1:${port}`);
    this.child = spawn(binary, ['-data', this.data, '-addr', web, '-media-addr', media, '-upload-addr', upload, ...this.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.env },
    });
    this.log = '';
    this.child.stderr.on('data', (d) => { this.log += d; });
    this.links = await new Promise((resolve, reject) => {
      const links = {};
      this.child.once('exit', (code) => reject(new Error(`the product ended with ${code}:\n${this.log}`)));
      readline.createInterface({ input: this.child.stdout }).on('line', (line) => {
        const url = line.match(/http:\S+\/w\/\S+/)?.[0];
        links.setup ??= line.match(/http:\S+\/setup#\S+/)?.[0];
        if (url && /trainer/i.test(line)) links.trainer = url;
        if (url && /participants/i.test(line)) links.participants = url;
        if (/First start/.test(line)) links.setup = line.match(/http:\S+/)?.[0];
        if (links.trainer && links.participants) resolve(links);
      });
    });
  }

  async end(signal) {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    await once(this.child, 'exit');
  }

  kill() { return this.end('SIGKILL'); }

  stop() { return this.end('SIGTERM'); }
}

/** A 12-megapixel JPEG with EXIF: orientation, camera and place. */
export function samplePicture(file) {
  execFileSync('go', ['run', './services/media/cmd/sample-picture', '-o', file], { cwd: root, stdio: 'inherit' });
  return file;
}

/** A small client of the API, for what a test needs besides the browser. */
export class Client {
  constructor(product, link) {
    const url = new URL(link);
    this.base = product.base;
    this.board = url.pathname.split('/').pop();
    this.secret = url.hash.slice(1);
  }

  async enter(name) {
    this.session = await this.send('POST', '/api/v1/sessions', { boardId: this.board, secret: this.secret, name });
    return this;
  }

  async send(method, where, body, headers = {}) {
    const response = await fetch(this.base + where, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(this.session && { Authorization: `Bearer ${this.session.token}` }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
    const answer = response.status === 204 ? undefined : await response.json();
    if (!response.ok) throw Object.assign(new Error(`${method} ${where}: ${response.status} ${answer.code}`), { answer });
    return answer;
  }

  wall(where = '') { return `/api/v1/boards/${this.board}${where}`; }

  post(body) { return this.send('POST', this.wall('/posts'), body); }

  snapshot() { return this.send('GET', this.wall('/snapshot')); }
}
