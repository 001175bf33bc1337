// Sections and moves: by menu, by keyboard, by drag, several at once, offline.
import assert from 'node:assert/strict';
import test from 'node:test';
import { entitle, join, launch, person, violations } from './browser.mjs';
import { Client, Product } from './product.mjs';
import { reads, sections, shape } from './walls.mjs';

const focused = (page) => page.evaluate(() => document.activeElement?.closest('[data-post]')?.querySelector('h3')?.textContent.trim());

async function menu(page, button, item) {
  await page.getByRole('button', { name: button }).click();
  await page.getByRole('menuitem', { name: item }).or(page.getByRole('menuitemcheckbox', { name: item })).click();
}

/** Drags with the mouse, in steps as a hand does. */
async function drag(page, from, to, where) {
  const a = await from.boundingBox();
  const b = await to.boundingBox();
  const x = b.x + b.width / 2;
  const y = where === 'below' ? b.y + b.height - 6 : where === 'above' ? b.y + 6 : b.y + b.height / 2;
  await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(a.x + a.width / 2 + 8, a.y + a.height / 2 + 8, { steps: 3 });
  await page.mouse.move(x, y, { steps: 12 });
  await page.mouse.move(x, y + 1);
  await page.mouse.up();
}

test('sections and moves', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const eve = await new Client(product, product.links.trainer).enter('Eve');
  const page = await person(browser);
  await join(page, product.links.trainer, 'Zoé');
  const ada = await person(browser);
  await join(ada, product.links.participants, 'Ada');
  for (const title of ['Un', 'Deux', 'Trois']) await eve.post({ title });
  await shape(eve, { layout: 'columns' });
  await page.locator('.column').first().waitFor();
  const dialog = page.getByRole('dialog');

  await t.test('a section is made, described and coloured', async () => {
    for (const title of ['Attentes', 'Questions']) {
      await page.getByRole('button', { name: 'Ajouter une section' }).click();
      await dialog.getByRole('textbox', { name: 'Titre' }).fill(title);
      await dialog.getByRole('radio', { name: 'Bleu' }).check({ force: true });
      if (title === 'Attentes') assert.deepEqual(await violations(page), []);
      await dialog.getByRole('button', { name: 'Ajouter', exact: true }).click();
      await dialog.waitFor({ state: 'hidden' });
    }
    for (const one of [page, ada]) await one.getByRole('heading', { name: 'Questions' }).waitFor();
    await menu(page, /Actions sur la section.*Attentes/, 'Modifier…');
    await dialog.getByRole('textbox', { name: 'Titre' }).fill('Idées');
    await dialog.getByRole('textbox', { name: /Description/ }).fill('Ce qui nous vient.');
    await dialog.getByRole('button', { name: 'Enregistrer' }).click();
    for (const one of [page, ada]) {
      await one.getByRole('heading', { name: 'Idées' }).waitFor();
      await one.getByText('Ce qui nous vient.').waitFor();
    }
  });

  await t.test('it is put elsewhere by its menu and by the list of sections, locked and hidden', async () => {
    const order = (one) => one.locator('.column h2').allTextContents();
    await menu(page, /Actions sur la section.*Questions/, 'Déplacer avant');
    await ada.waitForFunction(() => document.querySelectorAll('.column h2')[1]?.textContent === 'Questions');
    await menu(page, 'Affichage', 'Sections');
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: /Descendre .*Questions/ }).click();
    await ada.waitForFunction(() => document.querySelectorAll('.column h2')[2]?.textContent === 'Questions');
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.includes('Monter'));
    await page.keyboard.press('Escape');
    assert.deepEqual(await order(page), ['Sans section', 'Idées', 'Questions']);
    await menu(page, /Actions sur la section.*Questions/, 'Verrouiller');
    await ada.getByText('Verrouillée').waitFor();
    await menu(page, /Actions sur la section.*Questions/, 'Masquer aux participants');
    await ada.getByRole('heading', { name: 'Questions' }).waitFor({ state: 'detached' });
    await page.getByText('Masquée aux participants').waitFor();
    await menu(page, /Actions sur la section.*Questions/, 'Montrer aux participants');
    await ada.getByRole('heading', { name: 'Questions' }).waitFor();
  });

  await t.test('a post is moved by its menu, which can be undone, and the focus stays with it', async () => {
    await menu(page, /Actions.*Deux/, 'Déplacer vers…');
    await dialog.getByRole('radio', { name: 'Idées' }).check();
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Déplacer', exact: true }).click();
    for (const one of [page, ada]) await reads(one, { 'Sans section': ['Trois', 'Un'], Idées: ['Deux'] });
    await page.waitForFunction(() => document.activeElement?.matches('[data-post]'));
    assert.equal(await focused(page), 'Deux');
    await page.getByRole('button', { name: 'Annuler', exact: true }).click();
    for (const one of [page, ada]) await reads(one, { 'Sans section': ['Trois', 'Deux', 'Un'] });
  });

  await t.test('a post is moved by the keyboard alone', async () => {
    const card = page.getByRole('article', { name: 'Trois' });
    await card.focus();
    await page.keyboard.press('Alt+ArrowDown');
    for (const one of [page, ada]) await reads(one, { 'Sans section': ['Deux', 'Trois', 'Un'] });
    await page.getByText('Sans section, place 2 sur 3').waitFor({ state: 'attached' });
    assert.equal(await focused(page), 'Trois');
    await page.keyboard.press('Alt+ArrowRight');
    for (const one of [page, ada]) await reads(one, { 'Sans section': ['Deux', 'Un'], Idées: ['Trois'] });
    await page.waitForFunction(() => document.activeElement?.textContent.includes('Trois'));
    await page.keyboard.press('Alt+ArrowLeft');
    for (const one of [page, ada]) await reads(one, { 'Sans section': ['Trois', 'Deux', 'Un'] });
  });

  await t.test('a post is dragged between others, and to another section', async () => {
    const head = (title) => page.getByRole('article', { name: title }).locator('header');
    await drag(page, head('Un'), page.getByRole('article', { name: 'Trois' }), 'above');
    for (const one of [page, ada]) await reads(one, { 'Sans section': ['Un', 'Trois', 'Deux'] });
    await drag(page, head('Deux'), page.locator('.column').nth(1).locator('.posts'));
    for (const one of [page, ada]) await reads(one, { 'Sans section': ['Un', 'Trois'], Idées: ['Deux'] });
    await page.waitForFunction(() => document.activeElement?.textContent.includes('Deux'));
  });

  await t.test('participants move their own posts only, and into no locked section', async () => {
    await ada.getByRole('article', { name: 'Un' }).focus();
    await ada.keyboard.press('Alt+ArrowRight');
    await ada.getByText('Vous ne pouvez pas déplacer').waitFor({ state: 'attached' });
    await ada.getByRole('article', { name: 'Un' }).getByRole('button', { name: /Actions/ }).click();
    await ada.getByRole('menuitem').first().waitFor();
    assert.equal(await ada.getByRole('menuitem', { name: 'Déplacer vers…' }).count(), 0);
    await ada.keyboard.press('Escape');
    await ada.getByRole('button', { name: /Publier dans .*Idées/ }).click();
    await entitle(ada.getByRole('dialog'), 'Sien');
    await ada.getByRole('dialog').getByRole('button', { name: 'Publier', exact: true }).click();
    await ada.getByRole('dialog').waitFor({ state: 'hidden' });
    // Publishing brings the focus to one's post; only then is the key for it.
    await ada.waitForFunction(() => document.activeElement?.closest('[data-post]')?.textContent.includes('Sien'));
    await ada.getByRole('article', { name: 'Sien' }).press('Alt+ArrowRight');
    await ada.getByText('Plus loin, il n’y a rien.').waitFor({ state: 'attached' });
    await ada.keyboard.press('Alt+ArrowLeft');
    for (const one of [page, ada]) await reads(one, { 'Sans section': ['Sien', 'Un', 'Trois'], Idées: ['Deux'] });
  });

  await t.test('a move made offline is shown at once and made when the network is back', async () => {
    await ada.context().setOffline(true);
    await ada.getByRole('article', { name: 'Sien' }).focus();
    await ada.keyboard.press('Alt+ArrowRight');
    await reads(ada, { 'Sans section': ['Un', 'Trois'], Idées: ['Sien', 'Deux'] });
    await ada.getByText('Pas encore envoyé').waitFor();
    await ada.reload().catch(() => undefined);
    await ada.context().setOffline(false);
    await ada.goto(product.links.participants);
    for (const one of [page, ada]) await reads(one, { 'Sans section': ['Un', 'Trois'], Idées: ['Sien', 'Deux'] });
  });

  await t.test('several are moved, and deleted, at once', async () => {
    await menu(page, 'Affichage', 'Sélectionner des publications');
    for (const title of ['Un', 'Trois']) await page.getByRole('checkbox', { name: new RegExp(title) }).check();
    const bar = page.getByRole('toolbar', { name: 'Sélection' });
    await bar.getByText('2 sélectionnées').waitFor();
    assert.deepEqual(await violations(page), []);
    await bar.getByRole('button', { name: 'Déplacer vers…' }).click();
    await dialog.getByRole('radio', { name: 'Idées' }).check();
    await dialog.getByRole('button', { name: 'À la fin' }).click();
    await dialog.getByRole('button', { name: 'Déplacer', exact: true }).click();
    for (const one of [page, ada]) await reads(one, { Idées: ['Sien', 'Deux', 'Un', 'Trois'] });
    await menu(page, 'Affichage', 'Sélectionner des publications');
    for (const title of ['Un', 'Trois']) await page.getByRole('checkbox', { name: new RegExp(title) }).check();
    await bar.getByRole('button', { name: 'Supprimer' }).click();
    for (const one of [page, ada]) await reads(one, { Idées: ['Sien', 'Deux'] });
    await page.getByRole('button', { name: 'Annuler', exact: true }).last().click();
    for (const one of [page, ada]) await reads(one, { Idées: ['Sien', 'Deux', 'Un', 'Trois'] });
  });

  await t.test('the list shows all posts, does all, and is remembered', async () => {
    await menu(page, 'Affichage', 'Vue liste');
    await page.locator('.list').waitFor();
    await reads(page, { Idées: ['Sien', 'Deux', 'Un', 'Trois'] });
    assert.deepEqual(await violations(page), []);
    await page.reload();
    await page.locator('.list').waitFor();
    await page.getByRole('article', { name: 'Deux' }).focus();
    await page.keyboard.press('Alt+ArrowDown');
    for (const one of [page, ada]) await reads(one, { Idées: ['Sien', 'Un', 'Deux', 'Trois'] });
    assert.equal(await focused(page), 'Deux');
    await menu(page, /Actions.*Deux/, 'Déplacer vers…');
    await dialog.getByRole('radio', { name: 'Sans section' }).check();
    await dialog.getByRole('button', { name: 'Déplacer', exact: true }).click();
    for (const one of [page, ada]) await reads(one, { 'Sans section': ['Deux'], Idées: ['Sien', 'Un', 'Trois'] });
    await menu(page, 'Affichage', 'Vue liste');
    await page.locator('.column').first().waitFor();
  });

  await t.test('a section is deleted with what becomes of its posts, and brought back', async () => {
    await menu(page, /Actions sur la section.*Idées/, 'Supprimer…');
    await dialog.getByRole('radio', { name: /Mettre dans .*Questions/ }).check();
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Supprimer la section' }).click();
    for (const one of [page, ada]) await reads(one, { 'Sans section': ['Deux'], Questions: ['Sien', 'Un', 'Trois'] });
    await page.getByRole('button', { name: 'Annuler', exact: true }).last().click();
    for (const one of [page, ada]) await reads(one, { 'Sans section': ['Deux'], Idées: ['Sien', 'Un', 'Trois'] });
  });

  assert.deepEqual([...page.faults, ...ada.faults].filter((f) => !/ERR_INTERNET|Failed to fetch/.test(f)), []);
});
