// What is done to several posts goes in one request, waits for the network,
// and is taken back together; in real browsers.
import assert from 'node:assert/strict';
import test from 'node:test';
import { launch, open, violations } from './browser.mjs';
import { Client, Product, until } from './product.mjs';
import { shape } from './walls.mjs';

async function menu(page, button, item) {
  await page.getByRole('button', { name: button }).click();
  await page.getByRole('menuitem', { name: item }).or(page.getByRole('menuitemcheckbox', { name: item })).click();
}

async function select(page, ...titles) {
  await menu(page, 'Affichage', 'Sélectionner des publications');
  for (const title of titles) await page.getByRole('checkbox', { name: new RegExp(title) }).check();
  return page.getByRole('toolbar', { name: 'Sélection' });
}

test('several posts are coloured, judged and deleted at once, and each act is taken back at once', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  await shape(trainer, { moderation: 'all' });
  const maker = await new Client(product, product.links.participants).enter('Noé');
  for (const title of ['Un', 'Deux', 'Trois']) await maker.post({ title });
  const eve = await open(browser, product.links.trainer, 'Eve');
  const dialog = eve.getByRole('dialog');
  const requests = [];
  eve.on('request', (one) => { if (one.method() === 'POST' && /\/bulk/.test(one.url())) requests.push(one.url()); });
  const posts = async () => Object.fromEntries((await trainer.snapshot()).posts.map((one) => [one.title, one]));
  const all = (what) => until((found) => Object.keys(found).length === 3 && Object.values(found).every(what), posts);

  let bar = await select(eve, 'Un', 'Deux', 'Trois');
  assert.deepEqual(await violations(eve), []);
  await bar.getByRole('button', { name: 'Colorer' }).click();
  await dialog.getByRole('radio', { name: 'bleu' }).check({ force: true });
  assert.deepEqual(await violations(eve), []);
  await dialog.getByRole('button', { name: 'Colorer' }).click();
  await all((one) => one.colour === 'blue');
  assert.equal(requests.length, 1, 'one request for many');

  bar = await select(eve, 'Un', 'Deux', 'Trois');
  await bar.getByRole('button', { name: 'Approuver' }).click();
  await all((one) => one.state === 'published');

  bar = await select(eve, 'Un', 'Deux', 'Trois');
  await bar.getByRole('button', { name: 'Refuser' }).click();
  await dialog.getByRole('textbox', { name: 'Motif' }).fill('Hors sujet.');
  await dialog.getByRole('button', { name: 'Refuser' }).click();
  await all((one) => one.state === 'rejected' && one.reason === 'Hors sujet.');

  await t.test('an act of a while ago is taken back from the bar', async () => {
    await menu(eve, 'Annuler une action récente', /refusées/);
    await all((one) => one.state === 'published');
  });

  await t.test('without a network it is shown, waits, and is done once', async () => {
    const ready = (name) => eve.waitForFunction((part) => performance.getEntriesByType('resource').some((one) => one.name.includes(`/${part}`)), name);
    await ready('BulkDialog-');
    bar = await select(eve, 'Un', 'Deux');
    await eve.context().setOffline(true);
    await bar.getByRole('button', { name: 'Supprimer' }).click();
    await eve.getByRole('article', { name: 'Un' }).waitFor({ state: 'detached' });
    await eve.getByText('1 envoi en attente').waitFor();
    await eve.context().setOffline(false);
    await until((found) => !found.Un && !found.Deux && found.Trois, posts);
    await eve.getByText('1 envoi en attente').waitFor({ state: 'detached' });
    await menu(eve, 'Annuler une action récente', /supprimées/);
    await all((one) => one.state === 'published');
  });

  await t.test('what has changed since is left as it is, and said so', async () => {
    bar = await select(eve, 'Un', 'Deux');
    await bar.getByRole('button', { name: 'Supprimer' }).click();
    await until((found) => !found.Un && !found.Deux, posts);
    const { posts: gone } = await trainer.send('GET', trainer.wall('/trash'));
    const un = gone.find(({ title }) => title === 'Un');
    await trainer.send('POST', trainer.wall(`/posts/${un.id}/restore`));
    await menu(eve, 'Annuler une action récente', /supprimées/);
    await eve.getByText('1 publication est restée telle quelle.').waitFor();
    await all((one) => one.state === 'published');
  });

  await t.test('the log tells it as one, and undoes it as one', async () => {
    bar = await select(eve, 'Deux', 'Trois');
    await bar.getByRole('button', { name: 'Supprimer' }).click();
    await until((found) => !found.Deux && !found.Trois, posts);
    await menu(eve, 'Animer', 'Activité');
    const row = dialog.locator('li[data-act]').first();
    await row.getByText('Eve a supprimé 2 publications.').waitFor();
    await row.getByRole('button', { name: /^Annuler/ }).click();
    await dialog.getByText('C’est annulé.').waitFor();
    await all((one) => one.state === 'published');
    await dialog.getByText('Eve a annulé une action sur 2 publications.').first().waitFor();
    assert.deepEqual(await violations(eve), []);
  });
  assert.deepEqual(eve.faults.filter((one) => !/ERR_INTERNET|Failed to fetch/.test(one)), []);
});

test('what a trainer has done is taken back for ten minutes, wherever it was done', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  const maker = await new Client(product, product.links.participants).enter('Noé');
  await maker.post({ title: 'Un' });
  await trainer.send('POST', trainer.wall('/groups'), { name: 'Lions' });
  const eve = await open(browser, product.links.trainer, 'Eve');
  const dialog = eve.getByRole('dialog');
  const recent = (what) => menu(eve, 'Annuler une action récente', what);
  const card = eve.getByRole('article', { name: 'Un' });

  await t.test('blocking the author of a post', async () => {
    await card.getByRole('button', { name: /^Actions/ }).click();
    await eve.getByRole('menuitem', { name: 'Bloquer l’auteur' }).click();
    await eve.getByText('L’auteur n’entre plus sur ce mur.').waitFor();
    const blocked = async () => (await fetch(`${product.base}/api/v1/boards/${maker.board}/snapshot`, { headers: { Authorization: `Bearer ${maker.session.token}` } })).status;
    await until((status) => status === 403, blocked);
    await recent(/n’entre plus/);
    await until((status) => status === 200, blocked);
  });

  await t.test('removing a group, from the bar', async () => {
    await menu(eve, 'Animer', 'Personnes et groupes');
    await dialog.getByRole('button', { name: /Supprimer.*Lions/ }).click();
    await dialog.getByText('Lions').first().waitFor();
    await until((found) => found.length === 0, async () => (await trainer.snapshot()).groups);
    await eve.keyboard.press('Escape');
    await recent(/Lions/);
    await until((found) => found.length === 1, async () => (await trainer.snapshot()).groups);
  });

  await t.test('ending a link, in its dialog', async () => {
    await eve.getByRole('button', { name: 'Partager' }).click();
    const link = dialog.locator('[data-link]').filter({ has: eve.getByRole('heading', { name: 'Participation' }) });
    await link.getByRole('button', { name: /^Révoquer/ }).click();
    await link.getByRole('group').getByRole('button', { name: /^Révoquer/ }).click();
    await link.waitFor({ state: 'detached' });
    assert.deepEqual(await violations(eve), []);
    await dialog.getByRole('button', { name: 'Annuler' }).click();
    await link.waitFor();
    await eve.keyboard.press('Escape');
  });

  await t.test('archiving the wall', async () => {
    await eve.getByRole('button', { name: 'Réglages du mur' }).click();
    await dialog.getByRole('button', { name: 'Archiver le mur' }).click();
    await dialog.getByRole('button', { name: /archives/ }).waitFor();
    await eve.keyboard.press('Escape');
    await recent(/Mur archivé/);
    await until((phase) => phase === 'open', async () => (await trainer.snapshot()).board.phase);
  });
});

test('settings wait for the network as posts do', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  await trainer.post({ title: 'Un' });
  const eve = await open(browser, product.links.trainer, 'Eve');
  await eve.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/SettingsPanel-')));
  await eve.getByRole('button', { name: 'Réglages du mur' }).click();
  const dialog = eve.getByRole('dialog', { name: 'Réglages du mur' });
  await dialog.locator('summary').filter({ hasText: 'Apparence' }).click();
  const columns = dialog.getByRole('radio', { name: 'Colonnes' });
  await columns.waitFor({ state: 'attached' });
  await eve.context().setOffline(true);
  await columns.check({ force: true });
  await until((checked) => checked, () => columns.isChecked());
  await eve.keyboard.press('Escape');
  await eve.getByText('1 envoi en attente').waitFor();
  // Another trainer changes another setting meanwhile: both stay.
  await shape(trainer, { newLast: true });
  await eve.context().setOffline(false);
  await until((found) => found.layout === 'columns' && found.newLast, async () => (await trainer.snapshot()).board.settings);
  await eve.getByText('1 envoi en attente').waitFor({ state: 'detached' });

  // Putting the wall away waits as well, and is shown at once.
  await eve.getByRole('button', { name: 'Réglages du mur' }).click();
  await eve.context().setOffline(true);
  await dialog.getByRole('button', { name: 'Archiver le mur' }).click();
  await dialog.getByRole('button', { name: 'Sortir des archives' }).waitFor();
  await eve.keyboard.press('Escape');
  await eve.getByText('1 envoi en attente').waitFor();
  assert.equal((await trainer.snapshot()).board.phase, 'open');
  await eve.context().setOffline(false);
  await until((phase) => phase === 'archived', async () => (await trainer.snapshot()).board.phase);
});
