// Trainers look at posts before and after others do; the wall stands still when
// it is told to; in real browsers.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { entitle, join, launch, person, phone, violations } from './browser.mjs';
import { Client, Product } from './product.mjs';

async function open(browser, link, name, options) {
  const page = await person(browser, { reducedMotion: 'reduce', ...options });
  await join(page, link, name);
  return page;
}

const card = (page, name) => page.locator('article[data-post]').filter({ has: page.getByRole('heading', { level: 3, name, exact: true }) });

async function menu(page, name, action) {
  await card(page, name).getByRole('button', { name: /^Actions/ }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

async function set(client, settings) {
  const { board } = await client.snapshot();
  await client.send('PATCH', client.wall(''), { settings }, { 'If-Match': `"${board.rev}"` });
}

async function compose(page, title, body) {
  await page.getByRole('button', { name: 'Publier' }).first().click();
  const dialog = page.getByRole('dialog');
  await entitle(dialog, title);
  if (body) await dialog.getByRole('textbox', { name: 'Texte' }).pressSequentially(body);
  await dialog.getByRole('button', { name: 'Publier', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

test('a post waits, is refused with a reason, is written again and approved', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  await set(trainer, { moderation: 'all' });
  const eve = await open(browser, product.links.trainer, 'Eve');
  const ada = await open(browser, product.links.participants, 'Ada');
  const bob = await open(browser, product.links.participants, 'Bob');
  await compose(ada, 'Ulysse', 'Le voyage');
  await card(ada, 'Ulysse').getByText(/Elle paraîtra quand l’animation l’aura approuvée/).waitFor();
  await card(eve, 'Ulysse').getByText('En attente').waitFor();
  await eve.getByRole('button', { name: 'Modération : 1 publication à voir' }).waitFor();
  assert.equal(await card(bob, 'Ulysse').count(), 0, 'nobody else sees it');

  await menu(eve, 'Ulysse', 'Refuser');
  const dialog = eve.getByRole('dialog', { name: 'Refuser la publication' });
  await dialog.getByRole('textbox', { name: 'Motif' }).fill('Citez votre source.');
  await dialog.getByRole('button', { name: 'Refuser' }).click();
  await dialog.waitFor({ state: 'detached' });
  await card(ada, 'Ulysse').getByText('Motif : Citez votre source.').waitFor();

  // The list tells as much, to a trainer on a phone as to whoever wrote it.
  const pia = await open(browser, product.links.trainer, 'Pia', phone);
  for (const page of [pia, ada]) {
    await page.getByRole('button', { name: /^(Affichage|Plus d’actions)$/ }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Vue liste' }).click();
    await page.getByRole('article', { name: 'Ulysse' }).getByText('Motif : Citez votre source.').waitFor();
    assert.deepEqual(await violations(page), []);
  }
  await pia.getByRole('button', { name: 'Approuver : Ulysse' }).waitFor();
  await pia.context().close();
  await ada.getByRole('button', { name: 'Affichage' }).click();
  await ada.getByRole('menuitemcheckbox', { name: 'Vue liste' }).click();

  await card(ada, 'Ulysse').getByRole('button', { name: 'Modifier' }).click();
  await entitle(ada.getByRole('dialog'), 'Ulysse, d’après Homère');
  await ada.getByRole('dialog').getByRole('button', { name: 'Enregistrer' }).click();
  await card(eve, 'Ulysse, d’après Homère').getByText('En attente').waitFor();
  await menu(eve, 'Ulysse, d’après Homère', 'Approuver');
  await card(bob, 'Ulysse, d’après Homère').waitFor();
  await card(ada, 'Ulysse, d’après Homère').getByText('En attente').waitFor({ state: 'detached' });

  // Undone within ten seconds, by the message.
  await eve.getByText('Publication approuvée.').locator('..').getByRole('button', { name: 'Annuler' }).click();
  await card(bob, 'Ulysse, d’après Homère').waitFor({ state: 'detached' });
  await card(eve, 'Ulysse, d’après Homère').getByText('En attente').waitFor();
});

test('a participant reports a post, and a trainer sees to it', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const maker = await new Client(product, product.links.participants).enter('Noé');
  await maker.post({ title: 'Une rumeur' });
  const eve = await open(browser, product.links.trainer, 'Eve');
  const ada = await open(browser, product.links.participants, 'Ada');
  await menu(ada, 'Une rumeur', 'Signaler');
  const dialog = ada.getByRole('dialog', { name: 'Signaler la publication' });
  assert.deepEqual(await violations(ada), []);
  await dialog.getByRole('textbox', { name: /^Motif/ }).fill('C’est faux.');
  await dialog.getByRole('button', { name: 'Signaler' }).click();
  await ada.getByText('Merci. L’animation est prévenue.').waitFor();
  await card(eve, 'Une rumeur').getByText('1 signalement').waitFor();
  await card(eve, 'Une rumeur').getByText('« C’est faux. »').waitFor();
  assert.equal(await card(ada, 'Une rumeur').getByText('signalement').count(), 0, 'told to moderators only');
  await card(eve, 'Une rumeur').getByRole('button', { name: /^Signalements vus/ }).click();
  await card(eve, 'Une rumeur').getByText('1 signalement').waitFor({ state: 'detached' });
  await eve.getByRole('button', { name: 'Modération', exact: true }).waitFor();
});

test('the queue is gone through by the keyboard alone', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  await set(trainer, { moderation: 'all', words: ['zut'] });
  const maker = await new Client(product, product.links.participants).enter('Noé');
  for (const title of ['Un', 'Deux', 'Zut alors', 'Quatre', 'Cinq', 'Six']) await maker.post({ title });
  const eve = await open(browser, product.links.trainer, 'Eve');
  await eve.getByRole('button', { name: 'Modération : 6 publications à voir' }).press('Enter');
  const queue = eve.getByRole('dialog', { name: 'Modération : 6 à voir' });
  await queue.getByText('Retenue pour le mot « zut ».').waitFor();
  const focused = () => eve.evaluate(() => document.activeElement.closest('[data-case]')?.querySelector('h3')?.textContent);
  const state = async () => Object.fromEntries((await trainer.snapshot()).posts.map((p) => [p.title, p.state]));
  const status = (words) => eve.getByRole('dialog').getByRole('status').filter({ hasText: words }).waitFor();
  const key = (k) => eve.keyboard.press(k);

  await eve.waitForFunction(() => document.activeElement.closest('[data-case]'));
  assert.equal(await focused(), 'Un');
  await key('j');
  await key('ArrowDown');
  assert.equal(await focused(), 'Zut alors');
  await key('k');
  assert.equal(await focused(), 'Deux');
  await key('a');
  await status('1 publication approuvée.');
  await eve.waitForFunction(() => document.activeElement.closest('[data-case]')?.querySelector('h3')?.textContent === 'Zut alors');
  await key('r');
  await eve.keyboard.type('Sans gros mots, merci.');
  await key('Tab');
  await key('Enter');
  await status('1 publication refusée.');
  assert.deepEqual([(await state())['Deux'], (await state())['Zut alors']], ['published', 'rejected']);
  assert.equal((await trainer.snapshot()).posts.find((p) => p.title === 'Zut alors').reason, 'Sans gros mots, merci.');
  await key('u');
  await status('C’est annulé.');
  assert.equal((await state())['Zut alors'], 'pending');

  await t.test('a key typed in the reason does nothing but write', async () => {
    await eve.getByRole('dialog').locator('[data-case]').first().focus();
    await key('r');
    await eve.keyboard.type('jajaru');
    await key('Escape');
    assert.equal(await focused(), 'Un');
    assert.equal((await state())['Un'], 'pending');
  });

  await t.test('edit, and back to the same post', async () => {
    await key('e');
    const composer = eve.getByRole('dialog').filter({ has: eve.getByRole('textbox', { name: 'Titre' }) });
    await entitle(composer, 'Un, relu');
    await composer.getByRole('button', { name: 'Enregistrer' }).click();
    await eve.getByRole('heading', { level: 3, name: 'Un, relu' }).first().waitFor();
  });

  await t.test('several at once', async () => {
    const boxes = eve.getByRole('dialog').getByRole('checkbox', { name: /^Choisir/ });
    await boxes.nth(0).check();
    await boxes.nth(2).check();
    await eve.getByRole('button', { name: 'Approuver (2)' }).click();
    await status('2 publications approuvées.');
    await eve.getByRole('checkbox', { name: 'Tout choisir' }).check();
    await eve.getByRole('button', { name: 'Refuser (3)' }).click();
    const dialog = eve.getByRole('dialog', { name: 'Refuser (3)' });
    await dialog.getByRole('textbox', { name: 'Motif' }).fill('Hors sujet.');
    await dialog.getByRole('button', { name: 'Refuser', exact: true }).click();
    await eve.getByText('Tout est vu').waitFor();
    await status('3 publications refusées.');
    assert.deepEqual(Object.values(await state()).sort(), ['published', 'published', 'published', 'rejected', 'rejected', 'rejected']);
  });

  await key('Escape');
  await eve.getByRole('dialog').waitFor({ state: 'detached' });
});

test('a wall that stands still says so, and why nothing can be posted', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  const ada = await open(browser, product.links.participants, 'Ada');
  const banner = (page, words) => page.getByRole('status').filter({ hasText: words }).waitFor();
  await set(trainer, { freezeAt: new Date(Date.now() + 20 * 60_000).toISOString() });
  await banner(ada, /Ce mur sera gelé dans (20|21) minutes/);
  await set(trainer, { freezeAt: new Date(Date.now() - 60_000).toISOString() });
  await banner(ada, 'Mur gelé.');
  const off = ada.getByRole('button', { name: 'Publier' }).first();
  await ada.waitForFunction(() => [...document.querySelectorAll('button')].some((b) => b.textContent.includes('Publier') && b.getAttribute('aria-disabled') === 'true'));
  assert.match(await off.evaluate((b) => document.getElementById(b.getAttribute('aria-describedby')).innerText), /on n’y écrit plus/);
  await off.click({ force: true });
  await ada.getByText('Ce mur est gelé : on n’y publie plus pour l’instant.').waitFor();
  assert.deepEqual(await violations(ada), []);
  await set(trainer, { freezeAt: '' });
  await ada.getByRole('status').filter({ hasText: 'Mur gelé.' }).waitFor({ state: 'detached' });
  const eve = await open(browser, product.links.trainer, 'Eve');
  await set(trainer, { openFrom: '2099-01-01T08:00:00Z' });
  await banner(eve, /Les participants y entreront le .*2099/);
  await ada.getByRole('heading', { level: 1, name: 'Mon premier mur' }).waitFor({ state: 'detached' });
  await set(trainer, { openFrom: '', openUntil: '2020-01-01T08:00:00Z' });
  await banner(eve, /Les participants n’y entrent plus depuis le .*2020/);
  await set(trainer, { openUntil: '' });
  await trainer.send('PUT', trainer.wall('/archived'), { archived: true });
  await banner(eve, 'Mur archivé.');
  assert.deepEqual(await violations(eve), []);
});

test('the queue is accessible, and fits every screen', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  await set(trainer, { moderation: 'all', words: ['zut'] });
  const maker = await new Client(product, product.links.participants).enter('Marie-Ange de La Tour d’Auvergne');
  await maker.post({ title: 'Le récit d’Ulysse, vu par ceux qui l’attendent', body: '<p>Zut, il ne revient pas ! Vingt ans d’attente, et toujours rien à l’horizon.</p>' });
  await maker.post({ title: 'Une carte des vents', body: '<p>Quelques mots.</p>' });
  const shown = await trainer.post({ title: 'Déjà sur le mur' });
  await maker.send('POST', maker.wall(`/posts/${shown.id}/reports`), { reason: 'L’image ne convient pas.' });
  for (const { name, ...screen } of [
    { name: 'desk, light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
    { name: 'desk, dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
    { name: 'phone, light', viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true },
    { name: 'phone, dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
    { name: 'smallest, light', viewport: { width: 320, height: 568 }, colorScheme: 'light', hasTouch: true, isMobile: true },
  ]) {
    await t.test(name, async () => {
      const eve = await open(browser, product.links.trainer, 'Eve', screen);
      const check = async (what) => {
        assert.deepEqual(await violations(eve), [], what);
        const over = await eve.evaluate(() => Math.max(...['html', 'dialog > div'].map((s) => document.querySelector(s)).map((e) => (e ? e.scrollWidth - e.clientWidth : 0))));
        assert.ok(over <= 0, `${what}: scrolls sideways`);
        if (process.env.E2E_PICTURES) await eve.screenshot({ path: path.join(process.env.E2E_PICTURES, `${what} - ${name}.png`) });
      };
      await card(eve, 'Déjà sur le mur').getByText('1 signalement').waitFor();
      await check('states');
      await eve.getByRole('button', { name: /^Modération : 3/ }).click();
      await eve.getByText('Retenue pour le mot « zut ».').last().waitFor();
      await check('queue');
      assert.deepEqual(eve.faults, []);
      await eve.context().close();
    });
  }
});
