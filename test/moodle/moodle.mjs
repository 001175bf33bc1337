// A Moodle that is installed, and a Fresque beside it that it is connected to.
import { spawn, execFile } from 'node:child_process';
import { cp, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { createHmac } from 'node:crypto';
import { promisify } from 'node:util';
import { Product, root, until } from '../e2e/product.mjs';

const run = promisify(execFile);

/** The folder of an installed Moodle. */
export const dir = process.env.MOODLE_DIR;

const plugin = path.join(root, 'integrations/moodle/mod_fresque');

/**
 * `site(what, about)` does something on the side of Moodle (see site.php), `operator`
 * calls the service as its operator, `connect` gives the site its settings anew.
 */
export class Moodle {
  static async start(t) {
    const m = new Moodle();
    await rm(path.join(dir, 'mod/fresque'), { recursive: true, force: true });
    await cp(plugin, path.join(dir, 'mod/fresque'), { recursive: true });
    await run('php', ['admin/cli/upgrade.php', '--non-interactive'], { cwd: dir });
    await run('php', ['admin/cli/purge_caches.php'], { cwd: dir });
    m.base = (await readFile(path.join(dir, 'config.php'), 'utf8')).match(/wwwroot\s*=\s*'([^']+)'/)[1];
    await m.serve(t);
    m.product = await Product.start(t, undefined, [], process.env.MOODLE_FRESQUE_ENV ? JSON.parse(process.env.MOODLE_FRESQUE_ENV) : {});
    m.key = (await readFile(path.join(m.product.data, 'keys/operator.key'), 'utf8')).trim();
    await m.site('begin');
    await m.connect();
    return m;
  }

  /** Serves the site with PHP's own server. */
  async serve(t) {
    const { hostname, port } = new URL(this.base);
    // Another server would answer in its place, and what it complains of would not be seen.
    const answers = () => new Promise((done) => {
      const socket = net.connect(Number(port), hostname, () => { socket.destroy(); done(true); });
      socket.on('error', () => done(false));
    });
    if (await answers()) throw new Error(`something is served at ${this.base} already`);
    const server = spawn('php', ['-d', 'display_errors=0', '-S', `${hostname}:${port}`, '-t', dir], {
      env: { ...process.env, PHP_CLI_SERVER_WORKERS: '4' }, stdio: ['ignore', 'ignore', 'pipe'], detached: true,
    });
    this.log = '';
    server.stderr.on('data', (d) => { this.log += d; });
    // With its workers.
    t.after(() => { try { process.kill(-server.pid); } catch { /* it has ended */ } });
    await until((up) => up, answers);
  }

  /** Connects the site to the service, with what is not usual about it. */
  async connect(platform = {}) {
    const known = {
      name: 'Essai', issuer: this.base, keysUrl: `${this.base}/mod/fresque/jwks.php`, origins: [new URL(this.base).origin],
      webhook: `${this.base}/mod/fresque/webhook.php`, ...platform,
    };
    this.platform ??= (await this.operator('POST', '/platforms', known)).id;
    await this.operator('PATCH', `/platforms/${this.platform}`, known);
    const hook = await this.operator('GET', `/platforms/${this.platform}/webhook`).catch(() => ({ secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` }));
    this.secret = hook.secret;
    await this.settings({ address: this.product.base, platform: this.platform, webhooksecret: hook.secret, names: 'first' });
    await this.site('configure', { '': { curlsecurityblockedhosts: '', curlsecurityallowedport: `80\n443\n${this.product.ports[0]}` } });
  }

  settings(mod_fresque) { return this.site('configure', { mod_fresque }); }

  async site(what, about = {}) {
    const { stdout, stderr } = await run('php', [path.join(root, 'test/moodle/site.php'), dir, what, JSON.stringify(about)], { maxBuffer: 1 << 26 });
    // What a backup leaves out is in its log, which it shows.
    if (stderr.trim() && !about.quiet) throw new Error(`${what} said: ${stderr}`);
    // Background tasks say on the way what did not work.
    const lines = stdout.trim().split('\n');
    const answer = JSON.parse(lines.pop());
    return lines.length ? { ...answer, said: lines } : answer;
  }

  async operator(method, where, body) {
    const response = await fetch(`${this.product.base}/api/v1${where}`, {
      method, headers: { Authorization: `Bearer ${this.key}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body),
    });
    const answer = response.status === 204 ? undefined : await response.json();
    if (!response.ok) throw Object.assign(new Error(`${method} ${where}: ${response.status} ${answer.code}`), { answer });
    return answer;
  }

  /** Somebody on the wall of an activity, who calls the service as their page would. */
  async on(cm, user) {
    const ticket = await this.site('ticket', { cm, user });
    if (ticket.fault) throw new Error(`no ticket: ${ticket.fault}`);
    const board = new URL(ticket.url).pathname.split('/').pop();
    const call = async (method, where, body, headers = {}) => {
      const response = await fetch(`${this.product.base}/api/v1${where}`, { method, headers: { 'Content-Type': 'application/json', ...headers }, body: body && JSON.stringify(body) });
      const answer = response.status === 204 ? undefined : await response.json();
      if (!response.ok) throw Object.assign(new Error(`${method} ${where}: ${response.status} ${JSON.stringify(answer)}`), { answer });
      return answer;
    };
    const session = await call('POST', '/sessions', { boardId: board, ticket: ticket.ticket });
    const auth = { Authorization: `Bearer ${session.token}` };
    return {
      board, session,
      send: (method, where, body, headers = {}) => call(method, `/boards/${board}${where}`, body, { ...auth, ...headers }),
      post: (title) => call('POST', `/boards/${board}/posts`, { title }, auth),
      comment: (post, text) => call('POST', `/boards/${board}/posts/${post}/comments`, { body: `<p>${text}</p>` }, auth),
      titles: async () => (await call('GET', `/boards/${board}/snapshot`, undefined, auth)).posts.filter((p) => !p.deleted).map((p) => p.title).sort(),
    };
  }

  /** A webhook as the service would send it; or as somebody else would. */
  async webhook(data, { secret = this.secret, at = Math.floor(Date.now() / 1000), id = `msg_${Math.random()}` } = {}) {
    const body = JSON.stringify({ type: 'participation.changed', timestamp: new Date().toISOString(), data });
    const signature = createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(`${id}.${at}.${body}`).digest('base64');
    const response = await fetch(`${this.base}/mod/fresque/webhook.php`, {
      method: 'POST', body, headers: { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}`, 'Content-Type': 'application/json' },
    });
    return response.status;
  }
}

/** Signs in to Moodle. */
export async function signIn(page, moodle, username, password = 'Passe-1234') {
  await page.goto(`${moodle.base}/login/index.php`);
  await page.fill('#username', username);
  await page.fill('#password', password);
  await page.click('#loginbtn');
  // The first page of a Moodle whose caches are empty compiles its theme.
  await page.waitForURL((url) => !url.pathname.startsWith('/login/'), { timeout: 90_000 });
  return page;
}
