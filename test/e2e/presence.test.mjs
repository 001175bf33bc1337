// S7: who is here and who is writing, in real browsers.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { join, launch, person, title, violations } from './browser.mjs';
import { Client, Product } from './product.mjs';

const here = (page) => page.getByRole('button', { name: /présents?.: voir qui$/ });
const pill = (page, words) => page.locator('.writing', { hasText: words });

async function open(browser, link, name, options) {
  const page = await person(browser, { reducedMotion: 'reduce', ...options });
  await join(page, link, name);
  return page;
}

/** Waits until so many are here. */
const count = (page, many, options) => page.getByRole('button', { name: new RegExp(`^${many}.présents?.: voir qui$`) }).waitFor(options);

/** The names in the list, as people read them. */
async function names(page) {
  await here(page).click();
  const list = page.getByRole('group', { name: 'Qui est là' });
  await list.waitFor();
  const all = await list.getByRole('listitem').evaluateAll((items) => items.map((li) => li.innerText.split('\n').at(-1)));
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'hidden' });
  return all;
}

/** Every move of what is on the page, from here on, that no input of the person has caused. */
const watchShifts = (page) => page.evaluate(() => {
  globalThis.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) globalThis.shifts.push(value);
  }).observe({ type: 'layout-shift' });
});

test('S7: two people see each other, and that one writes, and nothing moves', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const link = product.links.participants;
  const ada = await open(browser, link, 'Ada');
  await count(ada, 1);
  await watchShifts(ada);
  const bob = await open(browser, link, 'Bob', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  for (const page of [ada, bob]) await count(page, 2);
  assert.deepEqual(await names(ada), ['Ada (vous)', 'Bob']);
  assert.deepEqual(await names(bob), ['Bob (vous)', 'Ada']);
  assert.deepEqual(await ada.evaluate(() => globalThis.shifts), [], 'people come without moving anything');
  await watchShifts(bob);

  let told = 0;
  ada.on('request', (r) => { if (r.url().endsWith('/writing')) told += 1; });
  await ada.getByRole('button', { name: 'Publier' }).first().click();
  const dialog = ada.getByRole('dialog');
  await (await title(dialog)).pressSequentially('Bonjour à tous');
  await pill(bob, 'Ada écrit…').waitFor();
  assert.equal(await pill(ada, 'Ada').count(), 0, 'not told to oneself');
  assert.equal(told, 1, 'told once for many letters');

  await t.test('it is forgotten when they stop typing', async () => {
    await pill(bob, 'Ada écrit…').waitFor({ state: 'detached' });
    assert.equal(told, 1);
  });

  await t.test('it ends when the composer closes', async () => {
    await dialog.getByRole('textbox', { name: 'Texte' }).pressSequentially('Encore');
    await pill(bob, 'Ada écrit…').waitFor();
    await dialog.getByRole('button', { name: 'Publier', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await pill(bob, 'Ada écrit…').waitFor({ state: 'detached' });
    assert.equal(told, 3, 'that they write again, and that they have stopped');
  });

  const moved = await bob.evaluate(() => globalThis.shifts);
  await bob.getByRole('article', { name: 'Bonjour à tous' }).waitFor();
  assert.deepEqual(moved, [], 'nothing has moved');

  await t.test('a comment is written as a post is', async () => {
    await bob.getByRole('article', { name: 'Bonjour à tous' }).getByRole('button', { name: /commentaire|Commenter/ }).click();
    await bob.getByRole('textbox', { name: 'Votre commentaire' }).pressSequentially('Bravo');
    await pill(ada, 'Bob écrit…').waitFor();
    await bob.getByRole('dialog').getByRole('button', { name: 'Commenter' }).click();
    await pill(ada, 'Bob écrit…').waitFor({ state: 'detached' });
    await bob.keyboard.press('Escape');
  });

  await t.test('who leaves is gone, who is cut off does not pretend to know', async () => {
    await bob.context().setOffline(true);
    await here(bob).waitFor({ state: 'detached' });
    await bob.context().setOffline(false);
    for (const page of [ada, bob]) await count(page, 2);
    await bob.context().close();
    // The server learns of a browser that is gone when it next speaks to it (S16).
    await count(ada, 1, { timeout: 60_000 });
  });
});

test('S7: a trainer hides who is here, for everybody', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const eve = await open(browser, product.links.trainer, 'Eve');
  const bob = await open(browser, product.links.participants, 'Bob');
  await count(bob, 2);
  const setting = async (shown) => {
    await eve.getByRole('button', { name: 'Réglages du mur' }).click();
    const box = eve.getByRole('checkbox', { name: 'Montrer qui est présent et qui écrit' });
    assert.equal(await box.isChecked(), !shown);
    await box.setChecked(shown);
    await eve.getByRole('status').filter({ hasText: 'Enregistré.' }).waitFor();
    assert.deepEqual(await violations(eve), []);
    await eve.keyboard.press('Escape');
    await box.waitFor({ state: 'detached' });
  };
  await setting(false);
  for (const page of [eve, bob]) await here(page).waitFor({ state: 'detached' });
  const told = [];
  bob.on('request', (r) => { if (r.url().endsWith('/writing')) told.push(r.url()); });
  await bob.getByRole('button', { name: 'Publier' }).first().click();
  await (await title(bob.getByRole('dialog'))).pressSequentially('En secret');
  await bob.getByRole('dialog').getByRole('button', { name: 'Publier', exact: true }).click();
  await eve.getByRole('article', { name: 'En secret' }).waitFor();
  assert.deepEqual(told, [], 'nothing is told where nothing is shown');
  const { board } = await (await new Client(product, product.links.participants).enter('Zoé')).snapshot();
  assert.equal(board.presenceHidden, true);
  await setting(true);
  for (const page of [eve, bob]) await count(page, 2);
});

test('S7: presence is accessible, and fits every screen', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  for (const name of ['Noé Garnier', 'Marie-Ange de La Tour d’Auvergne-Lauraguais', 'Zoé Fabre', 'Ali']) {
    const page = await (await browser.newContext({ locale: 'fr-FR' })).newPage();
    await join(page, product.links.participants, name);
  }
  const maker = await new Client(product, product.links.participants).enter('Inès');
  for (const title of ['Le récit d’Ulysse', 'Une carte des vents', 'Trois questions sur le mythe', 'Lire, puis relire', 'La mer au loin', 'Notes du jour']) {
    await maker.post({ title, body: '<p>Un texte de quelques mots, puis quelques autres, pour la forme.</p>' });
  }
  const writer = await new Client(product, product.links.participants).enter('Ada');
  const third = await new Client(product, product.links.participants).enter('Éric');
  for (const { name, ...screen } of [
    { name: 'desk, light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
    { name: 'desk, dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
    { name: 'tablet, light', viewport: { width: 900, height: 700 }, colorScheme: 'light', hasTouch: true },
    { name: 'phone, light', viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true },
    { name: 'phone, dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
    { name: 'smallest, light', viewport: { width: 320, height: 568 }, colorScheme: 'light', hasTouch: true, isMobile: true },
  ]) {
    await t.test(name, async () => {
      const eve = await open(browser, product.links.trainer, 'Eve', screen);
      const check = async (what) => {
        assert.deepEqual(await violations(eve), [], what);
        const over = await eve.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(over <= 0, `${what}: scrolls sideways`);
        if (process.env.E2E_PICTURES) await eve.screenshot({ path: path.join(process.env.E2E_PICTURES, `${what} - ${name}.png`) });
      };
      await here(eve).waitFor();
      if (screen.hasTouch) {
        const { width, height } = await here(eve).boundingBox();
        assert.ok(width >= 44 && height >= 44, `a target of ${width} by ${height}`);
      }
      await writer.send('PUT', writer.wall('/writing'), { writing: true });
      await pill(eve, 'Ada écrit…').waitFor();
      await check('one writes');
      await third.send('PUT', third.wall('/writing'), { writing: true });
      await maker.send('PUT', maker.wall('/writing'), { writing: true });
      await writer.send('PUT', writer.wall('/writing'), { writing: true });
      await pill(eve, '3 personnes écrivent…').waitFor();
      await here(eve).click();
      await eve.getByRole('group', { name: 'Qui est là' }).waitFor();
      await check('who is here');
      await eve.keyboard.press('Escape');
      await eve.getByRole('button', { name: 'Réglages du mur' }).click();
      await eve.getByRole('checkbox', { name: /^Montrer qui est présent/ }).waitFor();
      await check('settings');
      await eve.context().close();
    });
  }
});
