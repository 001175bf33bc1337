// S18: what is written without a network is kept, shown as waiting, and sent
// once and in order when there is one again; in real browsers.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { entitle, join, launch, person, violations } from './browser.mjs';
import { Client, folder, Product, samplePicture } from './product.mjs';

const WAITING = 'Pas encore envoyé';

const card = (page, name) => page.getByRole('article', { name, exact: true });
const titles = (page) => page.getByRole('article').evaluateAll((cards) => cards.map((c) => c.querySelector('h3')?.textContent));

/** What a person needs to write with comes after the wall; without it there is nothing to write offline. */
async function ready(page) {
  await page.waitForFunction(() => ['Composer-', 'Editor-', 'Waiting-', 'upload-', 'SettingsPanel-', 'Backdrop-'].every(
    (part) => performance.getEntriesByType('resource').some(({ name }) => name.includes(`/${part}`) && name.endsWith('.js')),
  ));
}

async function open(browser, link, name, options) {
  const page = await person(browser, options);
  await join(page, link, name);
  await ready(page);
  return page;
}

/** Another tab of the same person, on the same wall. */
async function sameWall(page, where) {
  const tab = await page.context().newPage();
  tab.setDefaultTimeout(20_000);
  await tab.goto(where);
  await tab.getByText('En direct').first().waitFor();
  return tab;
}

async function compose(page, title, fill = async () => {}) {
  await page.getByRole('button', { name: 'Publier' }).first().click();
  const dialog = page.getByRole('dialog');
  await entitle(dialog, title);
  await fill(dialog);
  await dialog.getByRole('button', { name: 'Publier', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

async function menu(page, name, action) {
  await card(page, name).getByRole('button', { name: /^Actions/ }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

async function retitle(page, from, to) {
  await menu(page, from, 'Modifier');
  const dialog = page.getByRole('dialog');
  await entitle(dialog, to);
  await dialog.getByRole('button', { name: /^(Enregistrer|Publier)$/ }).click();
  await dialog.waitFor({ state: 'hidden' });
}

const offline = (page, state) => page.context().setOffline(state);

/** What the browser keeps to be sent: the kinds of writes, in their order. Nothing where it keeps nothing. */
const kept = (page) => page.evaluate(async () => {
  // Asked first, for opening what is not there would make it.
  const known = await globalThis.indexedDB?.databases?.().catch(() => []) ?? [];
  if (!known.some(({ name }) => name === 'fresque')) return [];
  return new Promise((done, fail) => {
    const opening = indexedDB.open('fresque');
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      const all = opening.result.transaction('queues').objectStore('queues').getAll();
      all.onsuccess = () => {
        opening.result.close();
        done(all.result.flat().map(({ write }) => write.kind));
      };
    };
  });
}).catch((refusal) => {
  if (/SecurityError|refused/.test(refusal)) return [];
  throw refusal;
});

/** Waits until nothing is waiting any more, on a page or in what it keeps. */
async function sent(page) {
  await page.getByText('En direct').first().waitFor();
  for (let left = ['?']; left.length > 0;) {
    await page.waitForFunction((words) => !document.body.innerText.includes(words) && !/en attente/.test(document.body.innerText), WAITING);
    left = await kept(page);
    if (left.length > 0) await page.waitForTimeout(50);
  }
}

/** The posts on the server, oldest first, by a client of its own. */
async function onServer(product) {
  const { posts } = await (await new Client(product, product.links.participants).enter('Témoin')).snapshot();
  return posts.filter((p) => !p.deleted).sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
}

test('S18: posts, edits and deletions made offline outlive the tab and arrive once, in order', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const ada = await open(browser, product.links.participants, 'Ada');
  const bob = await open(browser, product.links.participants, 'Bob');
  const where = ada.url();
  for (const title of ['Avant', 'De trop']) await compose(ada, title);
  await card(bob, 'De trop').waitFor();

  await offline(ada, true);
  await ada.getByText('Hors ligne').first().waitFor();
  await compose(ada, 'Un');
  await compose(ada, 'Deux');
  await retitle(ada, 'Un', 'Un, revu');
  await retitle(ada, 'Avant', 'Après');
  await menu(ada, 'De trop', 'Supprimer');
  await compose(ada, 'Abandonné');
  await card(ada, 'Abandonné').getByRole('button', { name: /^Abandonner/ }).click();
  await card(ada, 'Abandonné').waitFor({ state: 'detached' });
  for (const title of ['Un, revu', 'Deux', 'Après']) await card(ada, title).getByText(WAITING).waitFor();
  assert.deepEqual(await titles(ada), ['Deux', 'Un, revu', 'Après']);
  await ada.getByText('4 envois en attente').waitFor();
  assert.deepEqual(await titles(bob), ['De trop', 'Avant']);
  assert.deepEqual(await kept(ada), ['create', 'create', 'edit', 'delete'], 'kept on the device');

  const writes = [];
  ada.context().on('request', (r) => {
    if (/\/posts(\/[^/]+)?$/.test(new URL(r.url()).pathname) && r.method() !== 'GET') writes.push(r.method());
  });
  await ada.close();
  await offline(ada, false);
  const again = await sameWall(ada, where);
  await sent(again);
  for (const page of [again, bob]) {
    await card(page, 'Deux').waitFor();
    await card(page, 'De trop').waitFor({ state: 'detached' });
    await card(page, 'Après').waitFor();
    assert.deepEqual(await titles(page), ['Deux', 'Un, revu', 'Après']);
  }
  assert.deepEqual(writes, ['POST', 'POST', 'PATCH', 'DELETE'], 'each is sent once, in the order in which it was made');
  assert.deepEqual((await onServer(product)).map((p) => [p.title, p.rev]), [['Après', 2], ['Un, revu', 1], ['Deux', 1]]);
});

test('S18: while the server is down people go on, and their cards stay where they are when it is back', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const ada = await open(browser, product.links.participants, 'Ada');
  const bob = await open(browser, product.links.participants, 'Bob');
  await product.kill();
  await compose(ada, 'Pendant la panne');
  await card(ada, 'Pendant la panne').getByText(WAITING).waitFor();
  await compose(ada, 'Encore');
  await retitle(ada, 'Encore', 'Encore un');
  await card(ada, 'Encore un').evaluate((element) => { element.dataset.same = 'yes'; });
  const before = await card(ada, 'Encore un').boundingBox();
  await product.start();
  await sent(ada);
  assert.equal(await card(ada, 'Encore un').getAttribute('data-same'), 'yes', 'it is the same card');
  const after = await card(ada, 'Encore un').boundingBox();
  assert.deepEqual([after.x, after.y], [before.x, before.y], 'and it has not moved');
  await card(bob, 'Encore un').waitFor();
  assert.deepEqual((await onServer(product)).map((p) => p.title), ['Pendant la panne', 'Encore un']);
  assert.deepEqual(await titles(ada), await titles(bob));
});

test('S18: a lost answer is asked for again, not posted again', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const ada = await open(browser, product.links.participants, 'Ada');
  const where = ada.url();
  // The server does what it is asked, three times, and nobody hears of it.
  let lost = 0;
  await ada.context().route(/\/posts$/, async (route) => {
    if (lost >= 3) return route.continue();
    lost += 1;
    await route.fetch();
    return route.abort('connectionreset');
  });
  await compose(ada, 'Une seule fois');
  await card(ada, 'Une seule fois').getByText(WAITING).waitFor();
  await ada.close();
  const again = await sameWall(ada, where);
  await sent(again);
  assert.equal(lost, 3);
  assert.deepEqual((await onServer(product)).map((p) => [p.title, p.rev]), [['Une seule fois', 1]]);
});

test('S2, S18: an edit that meets another on return is compared, never lost, never put over it', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const ada = await open(browser, product.links.participants, 'Ada');
  const eve = await new Client(product, product.links.trainer).enter('Eve');
  for (const title of ['Sujet', 'Autre', 'Parti']) await compose(ada, title);
  const posts = Object.fromEntries((await onServer(product)).map((p) => [p.title, p.id]));
  await offline(ada, true);
  for (const title of ['Sujet', 'Autre', 'Parti']) await retitle(ada, title, `${title} d’Ada`);
  for (const title of ['Sujet', 'Autre']) {
    await eve.send('PATCH', eve.wall(`/posts/${posts[title]}`), { title: `${title} d’Eve` }, { 'If-Match': '"1"' });
  }
  await eve.send('DELETE', eve.wall(`/posts/${posts.Parti}`));
  await offline(ada, false);
  await ada.getByRole('button', { name: /^3 envois à revoir/ }).waitFor();
  for (const title of ['Sujet d’Ada', 'Autre d’Ada']) await card(ada, title).getByText(/Quelqu’un d’autre a modifié/).waitFor();
  assert.deepEqual((await onServer(product)).map((p) => p.title), ['Sujet d’Eve', 'Autre d’Eve'], 'nothing is put over');

  await card(ada, 'Sujet d’Ada').getByRole('button', { name: 'Comparer et choisir' }).click();
  const dialog = ada.getByRole('dialog');
  await dialog.getByRole('region', { name: 'Votre version' }).getByText('Sujet d’Ada').waitFor();
  await dialog.getByRole('region', { name: 'La version publiée' }).getByText('Sujet d’Eve').waitFor();
  await dialog.getByRole('button', { name: 'Garder ma version' }).click();
  await dialog.waitFor({ state: 'hidden' });

  await card(ada, 'Autre d’Ada').getByRole('button', { name: 'Comparer et choisir' }).click();
  await dialog.getByRole('button', { name: 'Garder la version publiée' }).click();
  await card(ada, 'Autre d’Eve').waitFor();

  await card(ada, 'Parti d’Ada').getByText(/a été supprimée entre-temps/).waitFor();
  await card(ada, 'Parti d’Ada').getByRole('button', { name: 'Publier de nouveau' }).click();
  await sent(ada);
  await ada.getByRole('button', { name: /à revoir/ }).waitFor({ state: 'detached' });
  assert.deepEqual((await onServer(product)).map((p) => [p.title, p.rev]), [['Sujet d’Ada', 3], ['Autre d’Eve', 2], ['Parti d’Ada', 1]]);
});

test('S2, S18: the wall’s title, changed offline, gives way or not as the trainer chooses', async (t) => {
  const product = await Product.start(t);
  const eve = await open(await launch(t), product.links.trainer, 'Eve');
  const other = await new Client(product, product.links.trainer).enter('Zoé');
  await offline(eve, true);
  await eve.getByRole('button', { name: 'Réglages du mur' }).click();
  await eve.getByRole('textbox', { name: 'Titre du mur' }).fill('Titre d’Eve');
  await eve.keyboard.press('Escape');
  await eve.getByRole('heading', { level: 1, name: 'Titre d’Eve' }).waitFor();
  await eve.getByText('1 envoi en attente').waitFor();
  await other.send('PATCH', other.wall(''), { title: 'Titre de Zoé' }, { 'If-Match': '"1"' });
  await offline(eve, false);
  const choice = eve.getByRole('region', { name: 'Réglages du mur non enregistrés' });
  await choice.getByText('Titre de Zoé').waitFor();
  await choice.getByRole('button', { name: 'Garder ma version' }).click();
  await choice.waitFor({ state: 'detached' });
  await sent(eve);
  const { board } = await other.snapshot();
  assert.deepEqual([board.title, board.rev], ['Titre d’Eve', 3]);
});

test('S18: a picture chosen offline is shown, kept with its post, and sent on return', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const ada = await open(browser, product.links.participants, 'Ada');
  const bob = await open(browser, product.links.participants, 'Bob');
  const where = ada.url();
  const picture = samplePicture(path.join(await folder(t), 'photo.jpg'));
  await offline(ada, true);
  await compose(ada, 'Sortie', async (dialog) => {
    await dialog.getByLabel('Image', { exact: true }).setInputFiles(picture);
    await dialog.getByRole('textbox', { name: /Texte alternatif/ }).fill('Un paysage');
    await dialog.getByText(/dès le retour du réseau/).waitFor();
  });
  const shown = async (page) => {
    const image = card(page, 'Sortie').getByRole('img', { name: 'Un paysage' });
    await image.waitFor();
    await page.waitForFunction((img) => img.complete && img.naturalWidth > 0, await image.elementHandle());
    return image.evaluate((img) => new URL(img.currentSrc).protocol);
  };
  assert.equal(await shown(ada), 'blob:', 'it is shown from this device');
  await ada.close();
  await offline(ada, false);
  const again = await sameWall(ada, where);
  await sent(again);
  assert.equal(await shown(bob), 'http:');
  await again.waitForFunction(() => document.querySelector('article img')?.currentSrc.startsWith('http'));
  assert.equal((await onServer(product)).length, 1);
});

test('S18: a background picture chosen offline is shown, outlives the tab, and is sent on return', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const eve = await open(browser, product.links.trainer, 'Eve');
  const bob = await open(browser, product.links.trainer, 'Bob');
  const where = eve.url();
  const picture = samplePicture(path.join(await folder(t), 'fond.jpg'));
  await offline(eve, true);
  await eve.getByRole('button', { name: 'Réglages du mur' }).click();
  const panel = eve.getByRole('dialog', { name: 'Réglages du mur' });
  await panel.locator('summary', { hasText: 'Apparence' }).click();
  await panel.locator('input[type=file]').setInputFiles(picture);
  const backdrop = (page) => page.locator('.backdrop img');
  await backdrop(eve).waitFor();
  assert.match(await backdrop(eve).evaluate((img) => img.currentSrc), /^blob:/, 'it is shown from this device');
  await eve.keyboard.press('Escape');
  await eve.getByText('1 envoi en attente').waitFor();
  assert.equal(await backdrop(bob).count(), 0);
  await eve.close();
  await offline(eve, false);
  const again = await sameWall(eve, where);
  await sent(again);
  await backdrop(bob).waitFor();
  assert.match(await backdrop(bob).evaluate((img) => img.currentSrc || img.src), /^http:/);
});

test('S18: two tabs of one browser send what waits once, whichever wrote it', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const first = await open(browser, product.links.participants, 'Ada');
  const second = await sameWall(first, first.url());
  await ready(second);
  await offline(first, true);
  await compose(first, 'Du premier');
  await compose(second, 'Du second');
  for (const page of [first, second]) {
    for (const title of ['Du premier', 'Du second']) await card(page, title).getByText(WAITING).waitFor();
  }
  let requests = 0;
  first.context().on('request', (r) => { if (r.method() === 'POST' && r.url().endsWith('/posts')) requests += 1; });
  await offline(first, false);
  for (const page of [first, second]) await sent(page);
  assert.equal(requests, 2);
  assert.deepEqual((await onServer(product)).map((p) => p.title), ['Du premier', 'Du second']);
  assert.deepEqual(await titles(first), await titles(second));
});

test('S18: where the browser keeps nothing, the page says so and asks before it is left', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const ada = await person(browser);
  await ada.addInitScript(() => Object.defineProperty(window, 'indexedDB', {
    get: () => { throw new DOMException('refused', 'SecurityError'); },
  }));
  await join(ada, product.links.participants, 'Ada');
  await ready(ada);
  await offline(ada, true);
  await compose(ada, 'En mémoire');
  await card(ada, 'En mémoire').getByText(/gardez cette page ouverte/).waitFor();
  const asked = ada.waitForEvent('dialog');
  await ada.close({ runBeforeUnload: true });
  const dialog = await asked;
  assert.equal(dialog.type(), 'beforeunload');
  await dialog.dismiss();
  await offline(ada, false);
  await sent(ada);
  assert.deepEqual((await onServer(product)).map((p) => p.title), ['En mémoire']);
});

test('S18: what waits and what was refused is accessible, and fits every screen', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const eve = await new Client(product, product.links.trainer).enter('Eve');
  for (const { name, ...screen } of [
    { name: 'desk, light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
    { name: 'desk, dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
    { name: 'phone, light', viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true },
    { name: 'smallest, dark', viewport: { width: 320, height: 568 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
  ]) {
    await t.test(name, async () => {
      const ada = await open(browser, product.links.trainer, 'Ada', { ...screen, reducedMotion: 'reduce' });
      const check = async (what) => {
        assert.deepEqual(await violations(ada), [], what);
        const over = await ada.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(over <= 0, `${what}: scrolls sideways`);
        if (process.env.E2E_PICTURES) await ada.screenshot({ path: path.join(process.env.E2E_PICTURES, `${what} - ${name}.png`) });
      };
      await compose(ada, 'Le sujet');
      const { id } = (await onServer(product)).at(-1);
      await offline(ada, true);
      await compose(ada, 'Une idée');
      await retitle(ada, 'Le sujet', 'Le sujet, vu par Ada');
      await ada.getByRole('button', { name: 'Réglages du mur' }).click();
      await ada.getByRole('textbox', { name: 'Titre du mur' }).fill(`Mur d’Ada, ${name}`);
      await ada.keyboard.press('Escape');
      await ada.getByText('3 envois en attente').waitFor();
      await check('waiting');
      await eve.send('PATCH', eve.wall(`/posts/${id}`), { title: 'Le sujet, vu par Eve' }, { 'If-Match': '"1"' });
      const { board } = await eve.snapshot();
      await eve.send('PATCH', eve.wall(''), { title: `Mur d’Eve, ${name}` }, { 'If-Match': `"${board.rev}"` });
      await offline(ada, false);
      await ada.getByRole('button', { name: /^2 envois à revoir/ }).waitFor();
      await card(ada, 'Le sujet, vu par Ada').getByRole('button', { name: 'Comparer et choisir' }).waitFor();
      await check('refused');
      await card(ada, 'Le sujet, vu par Ada').getByRole('button', { name: 'Comparer et choisir' }).click();
      await ada.getByRole('dialog').getByRole('button', { name: 'Garder la version publiée' }).waitFor();
      await check('comparing');
      await ada.context().close();
    });
  }
});
