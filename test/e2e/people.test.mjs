// Trainers see who has come, make groups, keep people off; owners may lift an
// anonymity, and that is written down; in real browsers.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { entitle, launch, open, person, violations } from './browser.mjs';
import { Client, Product } from './product.mjs';

const pictures = process.env.PEOPLE_PICTURES;

const card = (page, name) => page.locator('article[data-post]').filter({ has: page.getByRole('heading', { name, exact: true }) });

async function menu(page, name, action) {
  await card(page, name).getByRole('button', { name: /^Actions/ }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

async function people(page) {
  await page.getByRole('button', { name: /^(Animer|Plus d’actions)$/ }).click();
  await page.getByRole('menuitem', { name: 'Personnes et groupes' }).click();
  const panel = page.getByRole('dialog', { name: 'Personnes' });
  await panel.waitFor();
  return panel;
}

async function set(client, settings) {
  const { board } = await client.snapshot();
  await client.send('PATCH', client.wall(''), { settings }, { 'If-Match': `"${board.rev}"` });
}

test('groups are made and filled, and each sees its own', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  await set(trainer, { groups: 'separate' });
  const ada = await open(browser, product.links.participants, 'Ada');
  const bob = await open(browser, product.links.participants, 'Bob');
  const eve = await open(browser, product.links.trainer, 'Eve');
  assert.equal(await ada.getByRole('button', { name: 'Animer' }).count(), 0, 'for trainers only');
  const panel = await people(eve);
  for (const name of ['Lions', 'Aigles']) {
    await panel.getByRole('textbox', { name: 'Nouveau groupe' }).fill(name);
    await panel.getByRole('button', { name: 'Ajouter' }).click();
    await panel.getByRole('textbox', { name: `Nom du groupe ${name}` }).waitFor();
  }
  await panel.getByRole('button', { name: 'Monter Aigles' }).press('Enter');
  const names = () => panel.locator('ol input').evaluateAll((all) => all.map((one) => one.value));
  await eve.waitForFunction(() => document.querySelector('dialog ol input').value === 'Aigles');
  assert.deepEqual(await names(), ['Aigles', 'Lions']);
  await panel.getByRole('textbox', { name: 'Nom du groupe Lions' }).fill('Loups');
  await panel.getByRole('textbox', { name: 'Nom du groupe Lions' }).press('Tab');
  await panel.getByRole('combobox', { name: 'Groupe de Ada' }).selectOption('Aigles');
  await panel.getByText('Ada a changé de groupe.').waitFor();
  await panel.getByRole('combobox', { name: 'Groupe de Bob' }).selectOption('Loups');
  await panel.getByText('Bob a changé de groupe.').waitFor();
  assert.deepEqual(await violations(eve), []);
  await eve.keyboard.press('Escape');

  for (const [page, title] of [[ada, 'Vu des Aigles'], [bob, 'Vu des Loups']]) {
    await page.getByRole('button', { name: 'Publier' }).first().click();
    const dialog = page.getByRole('dialog');
    await entitle(dialog, title);
    await dialog.getByRole('button', { name: 'Publier', exact: true }).click();
    await card(eve, title).waitFor();
  }
  assert.equal(await card(bob, 'Vu des Aigles').count(), 0);
  await eve.getByRole('combobox', { name: 'Voir' }).selectOption('Aigles');
  await card(eve, 'Vu des Loups').waitFor({ state: 'detached' });
  await card(eve, 'Vu des Aigles').waitFor();
  await eve.getByRole('combobox', { name: 'Voir' }).selectOption('Tous les groupes');
  await card(eve, 'Vu des Loups').waitFor();

  await t.test('a group that was deleted comes back', async () => {
    await people(eve);
    await panel.getByRole('button', { name: 'Supprimer Aigles' }).click();
    await panel.getByRole('textbox', { name: 'Nom du groupe Aigles' }).waitFor({ state: 'detached' });
    await panel.getByRole('button', { name: 'Annuler' }).click();
    await panel.getByRole('textbox', { name: 'Nom du groupe Aigles' }).waitFor();
    await eve.keyboard.press('Escape');
  });

  await t.test('somebody is kept off, and let in again', async () => {
    await people(eve);
    await panel.getByRole('button', { name: 'Bloquer Bob' }).click();
    await bob.getByRole('heading', { level: 1, name: 'Mon premier mur' }).waitFor({ state: 'detached' });
    await panel.getByRole('button', { name: 'Débloquer Bob' }).click();
    await panel.getByRole('button', { name: 'Bloquer Bob' }).waitFor();
    await eve.keyboard.press('Escape');
    await menu(eve, 'Vu des Aigles', 'Bloquer l’auteur');
    await ada.getByRole('heading', { level: 1, name: 'Mon premier mur' }).waitFor({ state: 'detached' });
  });
});

test('after somebody was kept off, the way by which they came is renewed at a click', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const maker = await new Client(product, product.links.participants).enter('Ada');
  await maker.post({ title: 'Un' });
  const eve = await open(browser, product.links.trainer, 'Eve');
  const panel = await people(eve);
  await panel.getByRole('button', { name: /^Bloquer.*Ada/ }).click();
  await panel.getByText('Ada peut revenir sous un autre nom').waitFor();
  assert.deepEqual(await violations(eve), []);
  await panel.getByRole('button', { name: 'Renouveler le lien' }).click();
  // The new address is there before the old one has ended.
  await panel.getByText('L’ancienne adresse n’ouvre plus rien.').waitFor();
  const address = await panel.getByRole('textbox', { name: 'Nouvelle adresse du lien' }).inputValue();
  assert.deepEqual(await violations(eve), []);
  await assert.rejects(new Client(product, product.links.participants).enter('Quelqu’un d’autre'), /link_invalid/);
  await new Client(product, address).enter('Noé');
});

test('the same is offered where somebody is kept off by the menu of what they wrote', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const ada = await new Client(product, product.links.participants).enter('Ada');
  await ada.post({ title: 'Un' });
  const bob = await new Client(product, product.links.participants).enter('Bob');
  const { id } = await bob.post({ title: 'Deux' });
  await bob.send('POST', bob.wall(`/posts/${id}/comments`), { body: '<p>Bof</p>' });
  const eve = await open(browser, product.links.trainer, 'Eve');

  await t.test('from a post', async () => {
    await menu(eve, 'Un', 'Bloquer l’auteur');
    const toast = eve.getByRole('status').filter({ hasText: 'Ada peut revenir sous un autre nom' });
    await toast.getByRole('button', { name: 'Renouveler le lien' }).click();
    const dialog = eve.getByRole('dialog', { name: 'Ada n’entre plus sur ce mur.' });
    await dialog.getByRole('button', { name: 'Renouveler le lien' }).waitFor();
    assert.deepEqual(await violations(eve), []);
    if (pictures) await eve.screenshot({ path: `${pictures}/kept-off.png` });
    await eve.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.notEqual(await eve.evaluate(() => document.activeElement?.tagName), 'BODY');
    await new Client(product, product.links.participants).enter('Encore Ada'); // nothing was renewed yet
  });

  await t.test('from a comment', async () => {
    await card(eve, 'Deux').getByRole('button', { name: /^Commenter|commentaires? :/ }).click();
    const comment = eve.locator('[data-comment]').filter({ hasText: 'Bof' });
    await comment.getByRole('button', { name: /^Actions/ }).click();
    await eve.getByRole('menuitem', { name: 'Bloquer l’auteur' }).click();
    const dialog = eve.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Renouveler le lien' }).click();
    await dialog.getByText('L’ancienne adresse n’ouvre plus rien.').waitFor();
    const address = await dialog.getByRole('textbox', { name: 'Nouvelle adresse du lien' }).inputValue();
    assert.deepEqual(await violations(eve), []);
    if (pictures) await eve.screenshot({ path: `${pictures}/kept-off-comment.png` });
    await assert.rejects(new Client(product, product.links.participants).enter('Bob encore'), /link_invalid/);
    await new Client(product, address).enter('Zac');
    await eve.keyboard.press('Escape');
  });
  assert.deepEqual(eve.faults, []);
});

test('an owner lifts an anonymity by saying why, and it is in the log', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  await set(trainer, { anonymity: 'everyone' });
  const maker = await new Client(product, product.links.participants).enter('Ada');
  await maker.post({ title: 'En confiance' });
  const account = (where, body, headers) => trainer.send('POST', `/api/v1${where}`, body, headers);
  const code = new URL(product.links.setup).hash.slice(1);
  const { token } = await account('/account/setup', { code, login: 'ines', name: 'Inès', password: 'un long mot de passe' }, { 'Fresque-Account': '1' });
  const { renewal } = await account(`/account/walls/${trainer.board}/session`, { name: 'Inès' }, { Authorization: `Bearer ${token}` });
  const ines = await person(browser, { reducedMotion: 'reduce' });
  await ines.addInitScript(([key, value]) => localStorage.setItem(key, value), [`fresque.session.${trainer.board}`, renewal]);
  await ines.goto(`${product.base}/w/${trainer.board}`);
  const one = card(ines, 'En confiance');
  await one.getByText('anonyme').waitFor();
  assert.equal(await one.getByText('Ada').count(), 0);
  await menu(ines, 'En confiance', 'Lever l’anonymat');
  const dialog = ines.getByRole('dialog');
  await dialog.getByText(/seront inscrits au journal/).waitFor();
  await dialog.getByRole('button', { name: 'Lever l’anonymat' }).click();
  await dialog.getByText('Écrivez pourquoi.').waitFor();
  await dialog.getByRole('textbox', { name: /Pourquoi/ }).fill('Une menace.');
  assert.deepEqual(await violations(ines), []);
  await dialog.getByRole('button', { name: 'Lever l’anonymat' }).click();
  await dialog.getByText('Ada', { exact: true }).waitFor();
  assert.deepEqual(await violations(ines), []);
  await dialog.getByRole('button', { name: 'Fermer' }).last().click();
  assert.equal(await one.getByText('Ada').count(), 0, 'the card keeps its promise');
  const { acts } = await trainer.send('GET', trainer.wall('/activity'));
  assert.deepEqual(acts.filter((a) => a.verb === 'author.unsealed').map((a) => [a.actor.name, a.reason]), [['Inès', 'Une menace.']]);
  const eve = await open(browser, product.links.trainer, 'Eve');
  await card(eve, 'En confiance').getByRole('button', { name: /^Actions/ }).click();
  await eve.getByRole('menuitem', { name: 'Refuser' }).waitFor();
  assert.equal(await eve.getByRole('menuitem', { name: 'Lever l’anonymat' }).count(), 0, 'for owners only');
});

test('people are accessible, and fit every screen', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  await set(trainer, { groups: 'separate' });
  for (const name of ['Aigles', 'Loups de la vallée']) await trainer.send('POST', trainer.wall('/groups'), { name });
  for (const name of ['Noé Garnier', 'Marie-Ange de La Tour d’Auvergne-Lauraguais', 'Ali']) await new Client(product, product.links.participants).enter(name);
  for (const { name, ...screen } of [
    { name: 'desk, light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
    { name: 'desk, dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
    { name: 'phone, light', viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true },
    { name: 'smallest, dark', viewport: { width: 320, height: 568 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
  ]) {
    await t.test(name, async () => {
      const eve = await open(browser, product.links.trainer, 'Eve', screen);
      await people(eve);
      assert.deepEqual(await violations(eve), []);
      const over = await eve.evaluate(() => Math.max(...['html', 'dialog > div'].map((s) => document.querySelector(s)).map((e) => e.scrollWidth - e.clientWidth)));
      assert.ok(over <= 0, 'scrolls sideways');
      if (process.env.E2E_PICTURES) await eve.screenshot({ path: path.join(process.env.E2E_PICTURES, `people - ${name}.png`) });
      assert.deepEqual(eve.faults, []);
      await eve.context().close();
    });
  }
});
