// A wall in a frame of another site, whose person came by a ticket: in a real
// Chromium that lets no third party keep anything.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { entitle, violations } from './browser.mjs';
import { frame, pages, Platform } from './platform.mjs';
import { Product, until } from './product.mjs';

/**
 * A browser with a profile of its own, whose settings block third-party cookies
 * or do not: where they do, a frame of another site is refused all storage.
 */
async function profiled(t, blocks, options = {}) {
  const profile = await mkdtemp(path.join(os.tmpdir(), 'fresque-profile-'));
  await mkdir(path.join(profile, 'Default'));
  const settings = { profile: { cookie_controls_mode: blocks ? 1 : 0, block_third_party_cookies: blocks } };
  await writeFile(path.join(profile, 'Default', 'Preferences'), JSON.stringify(settings));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', locale: 'fr-FR', viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ...options,
  });
  // In this order: a browser goes on writing until it is closed.
  t.after(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const page = context.pages()[0] ?? await context.newPage();
  page.setDefaultTimeout(Number(process.env.E2E_TIMEOUT ?? 20_000));
  page.faults = [];
  page.on('pageerror', (e) => page.faults.push(String(e)));
  page.on('console', (m) => { if (m.type() === 'error') page.faults.push(m.text()); });
  return page;
}

/** A product whose sessions are short, a site with a wall on it, and its page. */
async function course(t, options = {}) {
  const product = await Product.start(t, undefined, ['-session-seconds', '6']);
  const show = { now: async () => '' };
  const origin = await pages(t, 'moodle.localhost', () => show.now());
  const moodle = await Platform.connect(product, 'Moodle', [origin]);
  const wall = await moodle.wall(options.wall);
  const framed = async (fields) => frame((await moodle.ticket(wall, { origin, ...fields })).url);
  return { product, moodle, wall, origin, show, framed };
}

/** What the frame's origin has kept on the device, and whether it could. */
const kept = (inner) => inner.evaluate(async () => {
  const out = { cookies: document.cookie, local: [], session: [], databases: [] };
  try { out.local = Object.keys(localStorage); } catch (e) { out.refused = e.name; }
  try { out.session = Object.keys(sessionStorage); } catch { /* refused */ }
  try { out.databases = (await indexedDB.databases()).map(({ name }) => name); } catch { /* refused */ }
  return out;
});

const inside = (page, product) => until((f) => f, () => page.frames().find((f) => f.url().startsWith(product.base)));

async function publish(frame, title) {
  await frame.getByRole('button', { name: 'Publier' }).first().click();
  await entitle(frame.getByRole('dialog'), title);
  await frame.getByRole('dialog').getByRole('button', { name: 'Publier' }).click();
  await frame.getByRole('article').filter({ hasText: title }).waitFor();
}

test('somebody whom a site lets in posts and reads in its frame, and leaves nothing on the device', async (t) => {
  const { product, moodle, wall, origin, show, framed } = await course(t);
  show.now = () => framed({ user: 'u1', name: 'Ada Martin', language: 'fr', theme: 'light' });
  const page = await profiled(t, true);
  await page.goto(origin);
  const ada = page.frameLocator('iframe');
  await ada.getByText('En direct').first().waitFor();
  await publish(ada, 'Depuis le cours');

  await t.test('no cookie of another site is kept here', async () => {
    const inner = await inside(page, product);
    assert.equal(await inner.evaluate(() => { document.cookie = 'a=1; SameSite=None; Secure'; return document.cookie; }), '', 'the frame can set a cookie');
    assert.deepEqual(await kept(inner), { cookies: '', local: [], session: [], databases: [], refused: 'SecurityError' });
  });

  await t.test('what others post appears, and goes on to after the session was renewed', async () => {
    const bob = await moodle.ticket(wall, { user: 'u2', name: 'Bob' });
    const session = await (await fetch(`${product.base}/api/v1/sessions`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ boardId: wall, ticket: bob.ticket }),
    })).json();
    const post = (title) => fetch(`${product.base}/api/v1/boards/${wall}/posts`, {
      method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${session.token}` }, body: JSON.stringify({ title }),
    });
    assert.equal((await post('De Bob')).status, 201);
    await ada.getByRole('article').filter({ hasText: 'De Bob' }).waitFor();
    const renewed = () => page.waitForResponse((r) => r.url().endsWith('/api/v1/sessions') && r.status() === 201);
    await renewed();
    await publish(ada, 'Après le renouvellement');
  });

  await t.test('the page around is told of it', async () => {
    const heard = await until((all) => all?.some(({ type }) => type === 'ready') && all.some(({ type }) => type === 'height'), () => page.evaluate(() => window.heard));
    assert.ok(heard.every(({ origin: from, fresque }) => from === product.base && fresque === 1));
    assert.ok(heard.findLast(({ type }) => type === 'height').height > 100);
  });

  await t.test('and says its language and its theme', async () => {
    const say = (message) => page.evaluate((m) => window.frames[0].postMessage(m, '*'), message);
    await say({ fresque: 1, type: 'settings', language: 'en_GB', theme: 'dark' });
    await ada.getByText('Live').first().waitFor();
    const inner = await inside(page, product);
    assert.equal(await inner.evaluate(() => document.documentElement.dataset.theme), 'dark');
    await inner.evaluate(() => window.postMessage({ fresque: 1, type: 'settings', language: 'fr' }, '*'));
    await say({ fresque: 2, type: 'settings', language: 'fr' });
    await say('settings');
    await say({ fresque: 1, type: 'settings', language: 'fr', theme: 'light' });
    await ada.getByText('En direct').first().waitFor();
    assert.deepEqual(await violations(page, await inside(page, product)), []);
  });

  assert.equal(await ada.getByRole('link', { name: /Mes murs|Accueil/ }).count(), 0);
  assert.deepEqual(page.faults.filter((f) => !/401|favicon|404/.test(f)), []);

  await t.test('a ticket that was used opens nothing more, and the page says what to do', async () => {
    const inner = await inside(page, product);
    await inner.evaluate(() => location.reload());
    await ada.getByRole('heading', { name: 'Rouvrez l’activité' }).waitFor();
    const used = (await moodle.ticket(wall, { user: 'u1', origin })).url;
    show.now = async () => frame(used);
    await page.goto(origin);
    await ada.getByText('En direct').first().waitFor();
    await page.goto(origin);
    await ada.getByText('Ce lien d’accès a déjà servi').waitFor();
    assert.deepEqual(await violations(page, await inside(page, product)), []);
    await ada.getByRole('button', { name: 'Rouvrir' }).click();
    await until((all) => all?.some(({ type }) => type === 'reopen'), () => page.evaluate(() => window.heard));
    await ada.getByText('rechargez la page du cours').waitFor();
  });

  await t.test('a page of another origin shows nothing', async () => {
    const evil = await pages(t, 'evil.localhost', () => framed({ user: 'u1' }));
    const refused = page.waitForEvent('console', (m) => /frame-ancestors/.test(m.text()));
    await page.goto(evil);
    await refused;
  });
});

test('nor where the browser would keep it: a trainer on a phone, who is erased while they are there', async (t) => {
  const { product, moodle, wall, origin, show, framed } = await course(t);
  show.now = () => framed({ user: 't1', role: 'owner' });
  const page = await profiled(t, false, { viewport: { width: 390, height: 844 } });
  await page.goto(origin);
  const trainer = page.frameLocator('iframe');
  await trainer.getByText('En direct').first().waitFor();
  await trainer.getByRole('button', { name: 'Publier' }).first().click();
  await entitle(trainer.getByRole('dialog'), 'Consigne');
  await trainer.getByText('votre brouillon n’est retenu qu’ici').waitFor();
  await trainer.getByRole('dialog').getByRole('button', { name: 'Publier' }).click();
  await trainer.getByRole('article').filter({ hasText: 'Consigne' }).waitFor();
  const inner = await inside(page, product);
  assert.equal(await inner.evaluate(() => { document.cookie = 'a=1; SameSite=None; Secure'; return document.cookie; }), 'a=1', 'this browser takes cookies');
  assert.deepEqual(await kept(inner), { cookies: 'a=1', local: [], session: [], databases: [] });
  assert.deepEqual(page.faults.filter((f) => !/401|favicon|404/.test(f)), []);

  await moodle.call('DELETE', `/boards/${wall}/users/t1`);
  await trainer.getByRole('heading', { name: 'Rouvrez l’activité' }).waitFor();
  await trainer.getByText('ont été effacées de ce mur').waitFor();
});
