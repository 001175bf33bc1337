// Trainers shape a wall: each setting is saved as it is chosen, and everybody
// has it at once; in real browsers.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { join, launch, person, violations } from './browser.mjs';
import { Client, folder, Product, samplePicture } from './product.mjs';

async function open(browser, link, name, options) {
  const page = await person(browser, { reducedMotion: 'reduce', ...options });
  await join(page, link, name);
  return page;
}

/** Opens the panel; gives it. */
async function settings(page) {
  await page.getByRole('button', { name: 'Réglages du mur' }).click();
  const panel = page.getByRole('dialog', { name: 'Réglages du mur' });
  await panel.waitFor();
  return panel;
}

const group = (panel, name) => panel.locator('summary', { hasText: name }).click();
const saved = (panel) => panel.getByRole('status').filter({ hasText: 'Enregistré.' }).waitFor();

/** Waits until the wall's settings are so. */
async function until(client, holds) {
  for (;;) {
    const { board } = await client.snapshot();
    if (holds(board)) return board;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a trainer chooses every setting, and it is saved as it is chosen', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const eve = await open(browser, product.links.trainer, 'Eve');
  const ada = await open(browser, product.links.participants, 'Ada');
  const client = await new Client(product, product.links.trainer).enter('Zoé');
  assert.equal(await ada.getByRole('button', { name: 'Réglages du mur' }).count(), 0, 'for trainers only');
  const panel = await settings(eve);
  const choose = async (field, option, holds) => {
    await panel.getByRole('group', { name: field, exact: true }).getByRole('radio', { name: option, exact: true }).check({ force: true });
    await until(client, holds);
  };

  await panel.getByRole('textbox', { name: 'Titre du mur' }).fill('La mythologie');
  await ada.getByRole('heading', { level: 1, name: 'La mythologie' }).waitFor();
  await panel.getByRole('textbox', { name: 'Description' }).fill('Deux idées chacun.');
  await ada.getByText('Deux idées chacun.').waitFor();
  await choose('Langue du mur', 'Anglais', (b) => b.language === 'en');
  await choose('Langue du mur', 'Français', (b) => b.language === 'fr');

  await t.test('look', async () => {
    await group(panel, 'Apparence');
    await choose('Disposition', 'Colonnes', (b) => b.settings.layout === 'columns');
    await choose('Disposition', 'Mur', (b) => b.settings.layout === 'wall');
    await choose('Disposition', 'Fil', (b) => b.settings.layout === 'stream');
    await panel.getByRole('button', { name: 'Annuler ce changement' }).click();
    await until(client, (b) => b.settings.layout === 'wall');
    await choose('Nouvelles publications', 'À la fin', (b) => b.settings.newLast);
    await choose('Ordre des publications', 'Les plus récentes d’abord', (b) => b.settings.sort === 'newest');
    await choose('Couleur de fond', 'bleu', (b) => b.settings.background.colour === 'blue');
    await ada.locator('.backdrop[data-colour="blue"]').waitFor({ state: 'attached' });
    await panel.getByRole('checkbox', { name: 'Publications en couleur' }).uncheck();
    await until(client, (b) => b.settings.plainPosts);
    const picture = samplePicture(path.join(await folder(t), 'fond.jpg'));
    await panel.locator('input[type=file]').setInputFiles(picture);
    await until(client, (b) => b.settings.background.mediaId && b.settings.background.colour === 'blue');
    for (const page of [eve, ada]) await page.locator('.backdrop img').waitFor();
    for (const page of [eve, ada]) assert.deepEqual(await violations(page), []);
    await panel.getByRole('button', { name: 'Retirer l’image' }).click();
    await ada.locator('.backdrop img').waitFor({ state: 'detached' });
  });

  await t.test('rights', async () => {
    await group(panel, 'Qui peut faire quoi');
    await choose('Modifier les publications des autres', 'Les participants', (b) => b.settings.editOthers === 'writer');
    await choose('Publier', 'L’animation seulement', (b) => b.settings.post === 'moderator');
    await ada.getByRole('button', { name: 'Publier' }).first().waitFor({ state: 'detached' });
    await choose('Publier', 'Les participants', (b) => b.settings.post === 'writer');
    await ada.getByRole('button', { name: 'Publier' }).first().waitFor();
  });

  await t.test('comments and reactions', async () => {
    await group(panel, 'Commentaires et réactions');
    await choose('Commenter', 'L’animation seulement', (b) => b.settings.comment === 'moderator');
    await choose('Réactions', 'Votes', (b) => b.settings.reactions === 'votes');
    await panel.getByRole('textbox', { name: 'Votes par personne' }).fill('5');
    await until(client, (b) => b.settings.votesEach === 5);
    await choose('Réagir', 'Les participants', (b) => b.settings.react === 'writer');
    await choose('Réactions', 'Sans réactions', (b) => b.settings.reactions === 'off');
  });

  await t.test('what posts hold', async () => {
    await group(panel, 'Contenu des publications');
    for (const name of ['Titre', 'Texte alternatif des images']) {
      await panel.getByRole('group', { name: 'Obligatoire' }).getByRole('checkbox', { name, exact: true }).check();
    }
    await until(client, (b) => String(b.settings.required) === 'alt,title');
    for (const name of ['Images', 'Documents', 'Sons', 'Vidéos envoyées']) {
      await panel.getByRole('checkbox', { name, exact: true }).uncheck();
    }
    await until(client, (b) => String(b.settings.kinds) === 'link');
    const links = panel.getByRole('checkbox', { name: 'Liens et vidéos en ligne', exact: true });
    await links.click();
    await panel.getByText('Gardez au moins une sorte de contenu.').waitFor();
    assert.equal(await links.isChecked(), true, 'what was refused is not shown as done');
    await panel.getByRole('textbox', { name: 'Publications par personne' }).fill('3');
    await until(client, (b) => b.settings.postsEach === 3);
    await panel.getByRole('textbox', { name: 'Longueur du texte' }).fill('beaucoup');
    await panel.getByText('Écrivez un nombre entier, ou laissez vide.').waitFor();
    await panel.getByRole('textbox', { name: 'Longueur du texte' }).fill('400');
    await until(client, (b) => b.settings.maxLength === 400);
  });

  await t.test('moderation, anonymity, groups', async () => {
    await group(panel, 'Modération');
    await choose('Vérifier avant d’afficher', 'Toutes les publications', (b) => b.settings.moderation === 'all');
    await panel.getByRole('textbox', { name: 'Mots à vérifier' }).fill('zut\nflûte alors\n');
    await until(client, (b) => String(b.settings.words) === 'zut,flûte alors');
    await group(panel, 'Anonymat');
    await panel.getByText(/changer ce réglage plus tard ne révèle aucun nom/).waitFor();
    await choose('Qui sait qui a écrit', 'Personne', (b) => b.settings.anonymity === 'everyone');
    await group(panel, 'Groupes');
    await choose('Travail en groupes', 'Groupes séparés', (b) => b.settings.groups === 'separate');
  });

  await t.test('dates', async () => {
    await group(panel, 'Dates et gel');
    await panel.getByRole('button', { name: 'Geler maintenant' }).click();
    await until(client, (b) => b.phase === 'frozen');
    await ada.locator('button[aria-disabled]', { hasText: 'Publier' }).first().waitFor();
    await panel.getByRole('button', { name: 'Dégeler' }).click();
    await until(client, (b) => b.phase === 'open');
    const at = panel.getByLabel('Geler à une date', { exact: true });
    await at.fill('2099-06-15T08:30');
    await at.press('Enter');
    // The browser's zone is that of this machine: the moment is the same.
    const wanted = new Date(await eve.evaluate(() => new Date('2099-06-15T08:30').getTime())).getTime();
    await until(client, (b) => Date.parse(b.settings.freezeAt) === wanted);
    await panel.getByRole('button', { name: /^Retirer la date/ }).click();
    await until(client, (b) => !b.settings.freezeAt);
  });

  await t.test('archive, and out again', async () => {
    await panel.getByRole('button', { name: 'Archiver le mur' }).click();
    await until(client, (b) => b.phase === 'archived');
    await panel.getByRole('button', { name: 'Sortir des archives' }).click();
    await until(client, (b) => b.phase === 'open');
  });
  await eve.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  const focused = await eve.evaluate(() => document.activeElement.getAttribute('aria-label'));
  assert.equal(focused, 'Réglages du mur', 'the focus is back where it was');
  const { board } = await client.snapshot();
  assert.equal(board.title, 'La mythologie');
});

test('two trainers change settings at once, and each keeps what they chose', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const eve = await open(browser, product.links.trainer, 'Eve');
  const zoe = await new Client(product, product.links.trainer).enter('Zoé');
  const panel = await settings(eve);
  // Eve's browser does not hear of Zoé's change before it makes its own.
  await eve.route('**/api/v1/boards/*', async (route) => {
    if (route.request().method() === 'PATCH' && !eve.met) {
      eve.met = true;
      const { board } = await zoe.snapshot();
      await zoe.send('PATCH', zoe.wall(''), { settings: { sort: 'oldest' } }, { 'If-Match': `"${board.rev}"` });
    }
    await route.continue();
  });
  await panel.getByRole('checkbox', { name: /^Montrer qui est présent/ }).uncheck();
  await saved(panel);
  const { board } = await zoe.snapshot();
  assert.deepEqual([board.presenceHidden, board.settings.sort], [true, 'oldest']);
});

test('the settings are accessible, and fit every screen', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  for (const { name, ...screen } of [
    { name: 'desk, light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
    { name: 'desk, dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
    { name: 'phone, light', viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true },
    { name: 'phone, dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
    { name: 'smallest, light', viewport: { width: 320, height: 568 }, colorScheme: 'light', hasTouch: true, isMobile: true },
  ]) {
    await t.test(name, async () => {
      const eve = await open(browser, product.links.trainer, 'Eve', screen);
      const panel = await settings(eve);
      const check = async (what) => {
        assert.deepEqual(await violations(eve), [], what);
        const over = await panel.evaluate((d) => d.querySelector('div').scrollWidth - d.querySelector('div').clientWidth);
        assert.ok(over <= 0, `${what}: scrolls sideways`);
        if (process.env.E2E_PICTURES) await eve.screenshot({ path: path.join(process.env.E2E_PICTURES, `${what} - ${name}.png`) });
      };
      await check('settings');
      for (const one of ['Le mur', 'Apparence', 'Qui peut faire quoi', 'Commentaires et réactions', 'Contenu des publications', 'Modération', 'Anonymat', 'Groupes', 'Dates et gel']) {
        if (one !== 'Le mur') {
          await group(panel, one);
          await panel.locator('summary', { hasText: one }).evaluate((s) => s.scrollIntoView());
          await check(`settings ${one}`);
          await group(panel, one);
        } else await group(panel, one);
      }
      assert.deepEqual(eve.faults, []);
      await eve.context().close();
    });
  }
});
