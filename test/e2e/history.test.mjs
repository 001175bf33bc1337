// What was done can be read and taken back: versions, the trash, the activity
// log; in real browsers.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { entitle, join, launch, person, violations } from './browser.mjs';
import { Client, Product } from './product.mjs';

async function open(browser, link, name, options) {
  const page = await person(browser, { reducedMotion: 'reduce', ...options });
  await join(page, link, name);
  return page;
}

const card = (page, name) => page.locator('article[data-post]').filter({ has: page.getByRole('heading', { name, exact: true }) });

async function menu(page, name, action) {
  await card(page, name).getByRole('button', { name: /^Actions/ }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

async function tool(page, name) {
  await page.getByRole('button', { name: /^(Animer|Plus d’actions)$/ }).click();
  await page.getByRole('menuitem', { name }).click();
  const panel = page.getByRole('dialog');
  await panel.waitFor();
  return panel;
}

const edit = (client, post, rev, changes) => client.send('PATCH', client.wall(`/posts/${post.id}`), changes, { 'If-Match': `"${rev}"` });

test('two versions of a post are compared, and one comes back', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  const post = await trainer.post({ title: 'Ulysse', body: '<p>Il part pour Troie.</p>' });
  await edit(trainer, post, 1, { body: '<p>Il revient de Troie.</p>' });
  const eve = await open(browser, product.links.trainer, 'Eve');
  await menu(eve, 'Ulysse', 'Historique');
  const dialog = eve.getByRole('dialog', { name: 'Historique de la publication' });
  const text = dialog.getByRole('group', { name: 'Différences' });
  await text.waitFor();
  assert.deepEqual(await text.locator('del').allInnerTexts().then((all) => all.map((one) => one.replace(/^retiré.:\s*/, '').trim())), ['part pour']);
  assert.deepEqual(await text.locator('ins').allInnerTexts().then((all) => all.map((one) => one.replace(/^ajouté.:\s*/, '').trim())), ['revient de']);
  assert.match(await text.locator('del').evaluate((e) => getComputedStyle(e).textDecorationLine), /line-through/, 'by more than colour');
  assert.deepEqual(await violations(eve), []);
  await dialog.getByRole('button', { name: /^Rétablir la version/ }).click();
  await dialog.getByText('Cette version est de nouveau sur le mur.').waitFor();
  await eve.keyboard.press('Escape');
  await card(eve, 'Ulysse').getByText('Il part pour Troie.').waitFor();
});

test('what was deleted comes back: by the message, by the menu, from the trash', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const ada = await open(browser, product.links.participants, 'Ada');
  const eve = await open(browser, product.links.trainer, 'Eve');
  await ada.getByRole('button', { name: 'Publier' }).first().click();
  await entitle(ada.getByRole('dialog'), 'Pénélope');
  await ada.getByRole('dialog').getByRole('button', { name: 'Publier', exact: true }).click();
  await card(eve, 'Pénélope').waitFor();
  const gone = (page) => card(page, 'Pénélope').waitFor({ state: 'detached' });

  await menu(ada, 'Pénélope', 'Supprimer');
  await gone(eve);
  await ada.getByText('Publication supprimée.').locator('..').getByRole('button', { name: 'Fermer' }).click();
  await ada.getByRole('button', { name: 'Annuler une action récente' }).click();
  await ada.getByRole('menuitem', { name: 'Rétablir « Pénélope »' }).click();
  await card(eve, 'Pénélope').waitFor();
  await ada.getByRole('button', { name: 'Annuler une action récente' }).waitFor({ state: 'detached' });

  await menu(ada, 'Pénélope', 'Supprimer');
  await gone(eve);
  const trash = await tool(eve, 'Corbeille');
  await trash.getByRole('button', { name: 'Rétablir : Pénélope' }).click();
  await trash.getByText('« Pénélope » est de retour sur le mur.').waitFor();
  await trash.getByText('La corbeille est vide.').waitFor();
  assert.deepEqual(await violations(eve), []);
  await card(ada, 'Pénélope').waitFor();
  assert.equal(await card(ada, 'Pénélope').getByText('modifié').count(), 0, 'what came back was not edited');
  await eve.keyboard.press('Escape');

  // A section that went with its posts, long after the message that offers to undo it.
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  const { id } = await trainer.send('POST', trainer.wall('/sections'), { title: 'Ithaque' });
  const { posts: [post] } = await trainer.snapshot();
  await trainer.send('POST', trainer.wall('/moves'), { moves: [{ postId: post.id, sectionId: id }] });
  await trainer.send('DELETE', trainer.wall(`/sections/${id}?posts=delete`));
  await gone(ada);
  await tool(eve, 'Corbeille');
  await trash.getByText('1 publication y revient avec elle.').waitFor();
  assert.deepEqual(await violations(eve), []);
  await trash.getByRole('button', { name: 'Rétablir : Ithaque' }).click();
  await trash.getByText('La section « Ithaque » est de retour sur le mur.').waitFor();
  await card(ada, 'Pénélope').waitFor();
});

test('the log is read, filtered, and what it tells is undone', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  const maker = await new Client(product, product.links.participants).enter('Ada');
  const post = await maker.post({ title: 'Circé' });
  const eve = await open(browser, product.links.trainer, 'Eve');
  const acts = (panel) => panel.locator('li[data-act] > p:first-child').evaluateAll((all) => all.map((one) => one.textContent.replaceAll('\u00a0', ' ')));
  /** Filters ask the server: what they show comes with its answer. */
  const reads = async (wanted) => {
    const end = Date.now() + 20_000;
    for (;;) {
      const found = await acts(panel);
      if (JSON.stringify(found) === JSON.stringify(wanted)) return;
      if (Date.now() > end) assert.deepEqual(found, wanted);
      await new Promise((done) => { setTimeout(done, 50); });
    }
  };
  let panel = await tool(eve, 'Activité');
  await panel.getByText('Ada a publié « Circé ».').waitFor();
  assert.equal(await panel.locator('li').getByText('Depuis votre dernière visite').count(), 0, 'a first visit has no mark');
  await eve.keyboard.press('Escape');

  await edit(maker, post, 1, { title: 'Circé la magicienne' });
  await trainer.send('POST', trainer.wall('/groups'), { name: 'Lions' });
  panel = await tool(eve, 'Activité');
  await panel.locator('li').getByText('Depuis votre dernière visite').waitFor();
  await panel.getByText('Déjà vu').waitFor();
  assert.deepEqual(await acts(panel), ['Zoé a créé le groupe « Lions ».', 'Ada a modifié « Circé la magicienne ».', 'Ada a publié « Circé ».']);
  await panel.getByRole('combobox', { name: 'Par' }).selectOption('Zoé');
  await reads(['Zoé a créé le groupe « Lions ».']);
  await panel.getByRole('combobox', { name: 'Par' }).selectOption('Tout le monde');
  await panel.getByRole('combobox', { name: 'À propos de' }).selectOption('Publications');
  await reads(['Ada a modifié « Circé la magicienne ».', 'Ada a publié « Circé ».']);
  await panel.getByRole('combobox', { name: 'Depuis' }).selectOption('Depuis votre dernière visite');
  await reads(['Ada a modifié « Circé la magicienne ».']);
  await panel.getByRole('combobox', { name: 'Depuis' }).selectOption('Depuis le début');
  await reads(['Ada a modifié « Circé la magicienne ».', 'Ada a publié « Circé ».']);
  assert.deepEqual(await violations(eve), []);

  await t.test('what has changed since is not undone, and leads to its history', async () => {
    await panel.getByRole('button', { name: /^Annuler.: Ada a publié/ }).click();
    await panel.getByText(/a changé depuis/).waitFor();
    await panel.getByRole('button', { name: 'Voir son historique' }).click();
    await eve.getByRole('dialog', { name: 'Historique de la publication' }).waitFor();
    await eve.keyboard.press('Escape');
  });

  await t.test('the last act is undone', async () => {
    panel = await tool(eve, 'Activité');
    await panel.getByRole('button', { name: /^Annuler.: Ada a modifié/ }).click();
    await panel.getByText('C’est annulé.').waitFor();
    await eve.keyboard.press('Escape');
    await card(eve, 'Circé').waitFor();
  });

  await t.test('older ones come by pages', async () => {
    for (let i = 0; i < 55; i += 1) await maker.post({ title: `Idée ${i}` });
    panel = await tool(eve, 'Activité');
    await panel.getByText('Ada a publié « Idée 54 ».').waitFor();
    assert.equal((await acts(panel)).length, 50);
    await panel.getByRole('button', { name: 'Plus anciens' }).click();
    await panel.getByText('Ada a publié « Circé ».').waitFor();
    await panel.getByRole('button', { name: 'Plus anciens' }).waitFor({ state: 'detached' });
  });

  await t.test('a filter finds what is not on the page yet', async () => {
    await panel.getByRole('combobox', { name: 'À propos de' }).selectOption('Personnes et groupes');
    await reads(['Zoé a créé le groupe « Lions ».']);
    await eve.keyboard.press('Escape');
  });

  await t.test('of the settings, what was changed is named', async () => {
    const { board } = await trainer.snapshot();
    await trainer.send('PATCH', trainer.wall(), { settings: { layout: 'columns', moderation: 'guests' } }, { 'If-Match': `"${board.rev}"` });
    panel = await tool(eve, 'Activité');
    await panel.getByRole('listitem').filter({ hasText: 'Zoé a changé les réglages' }).getByText('Disposition · Vérifier avant d’afficher').waitFor();
    assert.deepEqual(await violations(eve), []);
  });
});

test('history is accessible, and fits every screen', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Marie-Ange de La Tour d’Auvergne');
  const post = await trainer.post({ title: 'Le récit d’Ulysse', body: '<p>Il part pour Troie, avec mille navires et peu d’envie.</p>' });
  await edit(trainer, post, 1, { title: 'Le long récit d’Ulysse', body: '<p>Il revient de Troie, sans navire, après vingt ans.</p>' });
  const other = await trainer.post({ title: 'Une idée de trop', body: '<p>Quelques mots.</p>' });
  await trainer.send('DELETE', trainer.wall(`/posts/${other.id}`));
  for (const { name, ...screen } of [
    { name: 'desk, light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
    { name: 'desk, dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
    { name: 'phone, light', viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true },
    { name: 'smallest, dark', viewport: { width: 320, height: 568 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
  ]) {
    await t.test(name, async () => {
      const eve = await open(browser, product.links.trainer, 'Eve', screen);
      const check = async (what) => {
        assert.deepEqual(await violations(eve), [], what);
        const over = await eve.evaluate(() => Math.max(...['html', 'dialog > div'].map((s) => document.querySelector(s)).map((e) => e.scrollWidth - e.clientWidth)));
        assert.ok(over <= 0, `${what}: scrolls sideways`);
        if (process.env.E2E_PICTURES) await eve.screenshot({ path: path.join(process.env.E2E_PICTURES, `${what} - ${name}.png`) });
        await eve.keyboard.press('Escape');
        await eve.getByRole('dialog').waitFor({ state: 'detached' });
      };
      await tool(eve, 'Activité');
      await eve.getByText(/a modifié «.Le long récit/).waitFor();
      await check('activity');
      await tool(eve, 'Corbeille');
      await eve.getByText('Une idée de trop').waitFor();
      await check('trash');
      await menu(eve, 'Le long récit d’Ulysse', 'Historique');
      await eve.getByRole('group', { name: 'Différences' }).waitFor();
      await check('versions');
      assert.deepEqual(eve.faults, []);
      await eve.context().close();
    });
  }
});
