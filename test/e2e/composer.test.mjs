// The composer: whatever is brought to the wall, in any way, and nothing lost on the way.
import assert from 'node:assert/strict';
import test from 'node:test';
import { entitle, join, launch, person, violations } from './browser.mjs';
import { pdf, png, wav } from './files.mjs';
import { Product } from './product.mjs';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const picture = (name, colour = [20, 90, 140]) => ({ name, mimeType: 'image/png', buffer: png(160, 120, colour) });

const composer = (page) => page.getByRole('dialog', { name: 'Nouvelle publication' });
const card = (page, name) => page.getByRole('article', { name });
const names = (page) => composer(page).getByRole('listitem').evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')));

/** Gives the page something as a paste or a drop would. */
function give(page, event, { files = [], text = '' }) {
  return page.evaluate(({ name, given, words }) => {
    const data = new DataTransfer();
    for (const { bytes, called, type } of given) {
      data.items.add(new File([new Uint8Array(bytes)], called, { type }));
    }
    if (words) data.setData('text/plain', words);
    const init = { bubbles: true, cancelable: true };
    const made = name === 'paste'
      ? new ClipboardEvent(name, { ...init, clipboardData: data })
      : new DragEvent(name, { ...init, dataTransfer: data });
    return document.querySelector('main').dispatchEvent(made);
  }, {
    name: event,
    words: text,
    given: files.map(({ buffer, name, mimeType }) => ({ bytes: [...buffer], called: name, type: mimeType })),
  });
}

async function open(t, options) {
  const product = await Product.start(t);
  const page = await person(await launch(t), options);
  await join(page, product.links.participants, 'Ada');
  return { product, page };
}

async function close(page) {
  await composer(page).getByRole('button', { name: 'Fermer' }).click();
  await composer(page).waitFor({ state: 'detached' });
}

test('what is dropped or pasted anywhere on the wall begins a post', async (t) => {
  const { page } = await open(t);

  await t.test('files that are dropped, any number of any kind', async () => {
    const files = [picture('vagues.png'), { name: 'bilan.pdf', mimeType: 'application/pdf', buffer: pdf('Bilan') }];
    await give(page, 'dragover', { files });
    await page.getByText('Déposez : cela commencera une publication').waitFor();
    await give(page, 'drop', { files });
    await composer(page).waitFor();
    assert.deepEqual(await names(page), ['vagues.png', 'bilan.pdf']);
    await close(page);
  });

  await t.test('a picture that is pasted joins the draft; an address and the code of a player are links', async () => {
    await give(page, 'paste', { files: [picture('image.png', [90, 20, 20])] });
    await composer(page).getByText('Brouillon retrouvé').waitFor();
    assert.deepEqual(await names(page), ['vagues.png', 'bilan.pdf', 'image.png']);
    await close(page);
    await give(page, 'paste', { text: 'https://www.example.org/page' });
    await composer(page).waitFor();
    assert.equal((await names(page)).at(-1), 'example.org');
    await composer(page).getByRole('button', { name: 'Repartir de zéro' }).click();
    await close(page);
  });

  await t.test('in the composer, an address alone is a link, as long as there is no text', async () => {
    await page.getByRole('button', { name: 'Publier' }).first().click();
    const text = composer(page).getByRole('textbox', { name: 'Texte' });
    const paste = (words) => text.evaluate((field, given) => {
      const data = new DataTransfer();
      data.setData('text/plain', given);
      field.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data }));
    }, words);
    await text.click();
    await paste('https://www.example.org/page');
    await composer(page).getByRole('listitem', { name: 'example.org' }).waitFor();
    await text.click();
    await page.keyboard.type('Voir ');
    await paste('https://www.example.net/');
    await text.getByText('https://www.example.net/').waitFor();
    assert.deepEqual(await names(page), ['example.org']);
    await composer(page).getByRole('button', { name: 'Fermer' }).click();
    await composer(page).waitFor({ state: 'detached' });
    await page.evaluate(() => localStorage.clear());
  });

  await t.test('words that are pasted are left alone', async () => {
    assert.equal(await give(page, 'paste', { text: 'de simples mots' }), true);
    assert.equal(await composer(page).count(), 0);
  });
  assert.deepEqual(page.faults, []);
});

test('ten pictures at once, in the order wanted, are shown beforehand as on the wall', async (t) => {
  const { page } = await open(t, { ...phone, colorScheme: 'dark' });
  await page.getByRole('button', { name: 'Publier' }).last().tap();
  const dialog = composer(page);
  await entitle(dialog, 'Dix photos');
  const photos = Array.from({ length: 11 }, (_, i) => picture(`${i}.png`, [20 * i, 90, 140]));
  await dialog.getByLabel('Image', { exact: true }).setInputFiles(photos);
  await dialog.getByText('10.png n’a pas été ajouté').waitFor();
  assert.deepEqual((await names(page)).length, 10);
  assert.equal(await dialog.getByLabel('Photo', { exact: true }).getAttribute('capture'), 'environment');

  await t.test('by the keys', async () => {
    await dialog.getByRole('button', { name: 'Descendre 0.png' }).focus();
    await page.keyboard.press('Enter');
    assert.deepEqual((await names(page)).slice(0, 2), ['1.png', '0.png']);
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Descendre 0.png');
  });

  await t.test('by dragging', async () => {
    const rows = dialog.getByRole('listitem');
    await rows.nth(0).scrollIntoViewIfNeeded();
    const grip = await rows.nth(0).locator('[data-grip]').boundingBox();
    const next = await rows.nth(1).boundingBox();
    await page.mouse.move(grip.x + 10, grip.y + 10);
    await page.mouse.down();
    await page.mouse.move(grip.x + 10, next.y + next.height - 10, { steps: 6 });
    await page.mouse.up();
    assert.deepEqual((await names(page)).slice(0, 2), ['0.png', '1.png']);
  });

  await t.test('nothing axe finds, at any width', async () => {
    assert.deepEqual(await violations(page), []);
    await page.setViewportSize({ width: 320, height: 640 });
    assert.deepEqual(await violations(page), []);
    assert.equal(await dialog.evaluate((one) => one.scrollWidth <= one.clientWidth), true);
    await page.setViewportSize(phone.viewport);
  });

  await t.test('as the wall’s own card, which can do nothing yet', async () => {
    await dialog.getByRole('button', { name: 'Aperçu' }).click();
    const preview = page.getByRole('dialog', { name: 'Aperçu de la publication' });
    await preview.locator('article img').nth(3).waitFor();
    assert.match(await preview.locator('article').textContent(), /Ada.*Dix photos.*\+6/s);
    await preview.getByRole('button', { name: 'Continuer à écrire' }).click();
  });
  await dialog.getByRole('button', { name: 'Publier' }).click();
  await card(page, 'Dix photos').locator('img').nth(3).waitFor();
  assert.deepEqual(page.faults, []);
});

test('an upload stops and goes on: by hand, after a reload, and not at all', async (t) => {
  const { product, page } = await open(t);
  const uploads = `http://*:${product.ports[2]}/**`;
  // The bytes wait for us; everything else goes on.
  await page.route(uploads, (route) => (route.request().method() === 'PATCH' ? undefined : route.continue()));
  await page.getByRole('button', { name: 'Publier' }).first().click();
  const dialog = composer(page);
  await entitle(dialog, 'Un son');
  await dialog.getByLabel('Fichier', { exact: true }).setInputFiles([
    { name: 'long.wav', mimeType: 'audio/wav', buffer: wav(3) }, picture('inutile.png'),
  ]);
  const row = (name) => dialog.getByRole('listitem', { name });
  await row('long.wav').getByRole('button', { name: 'Mettre en pause' }).click();
  await row('long.wav').getByText(/^En pause/).waitFor();
  await row('long.wav').getByRole('button', { name: 'Reprendre' }).click();
  await row('long.wav').getByRole('progressbar').waitFor();
  await dialog.getByRole('button', { name: 'Retirer inutile.png' }).click();
  assert.deepEqual(await names(page), ['long.wav']);
  // Kept a moment after the last change.
  await page.waitForFunction(() => Object.entries(localStorage).some(([key, value]) => key.includes('draft') && value.includes('long.wav') && !value.includes('inutile')));

  await page.unroute(uploads);
  page.removeAllListeners('console');
  await page.reload();
  await page.getByText('En direct').first().waitFor();
  await page.getByRole('button', { name: 'Publier' }).first().click();
  await dialog.getByText('Brouillon retrouvé').waitFor();
  await row('long.wav').getByText(/Prêt|En préparation/).waitFor();
  await dialog.getByRole('button', { name: 'Publier' }).click();
  await card(page, 'Un son').locator('audio').waitFor();
});

test('everything by the keyboard alone', async (t) => {
  const { page } = await open(t);
  await page.getByRole('button', { name: 'Publier' }).first().focus();
  await page.keyboard.press('Enter');
  // It opens on the text, and takes it before the editor is there.
  await composer(page).getByRole('textbox', { name: 'Texte' }).and(page.locator(':focus')).waitFor();
  assert.equal(await composer(page).getByRole('textbox').count(), 1);
  await page.keyboard.type('Quelques mots');
  const focused = () => page.evaluate(() => (document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim());
  const reach = async (name) => {
    for (let n = 0; n < 30; n += 1) {
      if ((await focused()) === name) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`${name} is not reached by Tab; the focus is on ${await focused()}`);
  };
  // Tab indents in a list only: it leaves the text.
  await reach('Couleur');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowRight');
  await reach('Titre');
  await page.keyboard.press('Enter');
  await composer(page).getByRole('textbox', { name: 'Titre' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.type('Au clavier');
  // Asked for before the key is pressed: the browser is to be ready to hand it over.
  const chooser = page.waitForEvent('filechooser');
  await reach('Image');
  await reach('Fichier');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles([{ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('a;b\n') }]);
  await composer(page).getByRole('listitem', { name: 'a.csv' }).waitFor();
  await reach('Lien ou vidéo');
  await page.keyboard.press('Enter');
  await page.keyboard.type('example.org/page');
  await page.keyboard.press('Enter');
  await composer(page).getByRole('listitem', { name: 'example.org' }).waitFor();
  assert.equal(await focused(), 'Lien ou vidéo');
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Control+Enter');
  await card(page, 'Au clavier').getByRole('link', { name: /a\.csv/ }).first().waitFor();
  await card(page, 'Au clavier').getByText('Quelques mots').waitFor();
  assert.equal(await card(page, 'Au clavier').getAttribute('data-colour'), 'red');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Au clavier' }).waitFor();
  assert.deepEqual(page.faults, []);
});
