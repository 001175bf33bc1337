// Every kind of content, as a person sends it, sees it and opens it.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { entitle, focus, join, launch, person, phone, violations } from './browser.mjs';
import { attached, mp4, pdf, png, upload, wav } from './files.mjs';
import { Client, folder, Product } from './product.mjs';

const card = (page, name) => page.getByRole('article', { name });

async function everyKind(t) {
  const film = mp4(path.join(await folder(t), 'film.mp4'));
  if (!film) t.diagnostic('no ffmpeg here: no video is sent');
  return [
    { name: 'vagues.png', mimeType: 'image/png', buffer: png(320, 200, [20, 90, 140]) },
    { name: 'bilan.pdf', mimeType: 'application/pdf', buffer: pdf('Premier bilan', 'Et la suite') },
    { name: 'notes.csv', mimeType: 'text/csv', buffer: Buffer.from('nom;note\nAda;18\n') },
    { name: 'note.wav', mimeType: 'audio/wav', buffer: wav(0.4) },
    ...(film ? [{ name: 'film.mp4', mimeType: 'video/mp4', buffer: film }] : []),
  ];
}

for (const [where, options] of [['at a desk', {}], ['on a phone', phone]]) {
  test(`each kind is posted by a person ${where}, and shown to others`, async (t) => {
    const files = await everyKind(t);
    const product = await Product.start(t);
    const browser = await launch(t);
    const [ada, bob] = [await person(browser, options), await person(browser, { colorScheme: 'dark' })];
    await join(ada, product.links.participants, 'Ada');
    await join(bob, product.links.participants, 'Bob');

    await ada.getByRole('button', { name: 'Publier' }).last().click();
    const dialog = ada.getByRole('dialog', { name: 'Nouvelle publication' });
    await entitle(dialog, 'De tout');
    await dialog.getByLabel('Fichier', { exact: true }).setInputFiles(files);
    const rows = dialog.getByRole('listitem');
    await rows.nth(files.length - 1).waitFor();
    assert.equal(await rows.count(), files.length);
    assert.deepEqual(await violations(ada), []);
    await dialog.getByRole('button', { name: 'Publier' }).click();
    await dialog.waitFor({ state: 'detached' });

    for (const page of [ada, bob]) {
      const article = card(page, 'De tout');
      await article.getByRole('link', { name: 'Agrandir l’image' }).waitFor();
      await article.getByRole('link', { name: /bilan\.pdf PDF.*2 pages/ }).waitFor();
      await article.getByRole('link', { name: /notes\.csv/ }).first().waitFor();
      await article.locator('audio').waitFor();
      if (files.length === 5) await article.locator('video[poster]').waitFor();
      assert.deepEqual(await violations(page), []);
    }

    await t.test('what is sent can be played and taken away', async () => {
      const played = await bob.locator('audio').evaluate(async (audio) => {
        await audio.play();
        return [audio.duration > 0.2, audio.error];
      });
      assert.deepEqual(played, [true, null]);
      const link = bob.getByRole('link', { name: 'Télécharger « notes.csv »' });
      const taken = await fetch(await link.getAttribute('href'));
      assert.equal(await taken.text(), 'nom;note\nAda;18\n');
      assert.match(taken.headers.get('content-disposition'), /notes\.csv/);
    });
    assert.deepEqual(ada.faults, []);
    assert.deepEqual(bob.faults, []);
  });
}

test('a PDF is read in the page: by its words, its keys, its zoom', async (t) => {
  const product = await Product.start(t);
  const client = await new Client(product, product.links.participants).enter('Bob');
  const document = await upload(client, pdf('Premier bilan', 'Et la suite', 'Pour finir'), 'application/pdf', 'bilan.pdf');
  await client.post({ title: 'Le bilan', body: '', attachments: [attached(document)] });
  const page = await person(await launch(t));
  await join(page, product.links.participants, 'Ada');
  await card(page, 'Le bilan').getByRole('link', { name: /^bilan\.pdf/ }).click();
  const reader = page.getByRole('dialog', { name: 'Le bilan' });
  const pages = reader.getByRole('group', { name: 'bilan.pdf' });
  await pages.getByText('Premier bilan').waitFor();
  const number = reader.getByLabel('Page', { exact: true });
  assert.equal(await number.inputValue(), '1');
  await pages.focus();
  await page.keyboard.press('PageDown');
  await pages.getByText('Et la suite').waitFor();
  await page.waitForFunction(() => document.querySelector('input[inputmode="numeric"]')?.value === '2');
  await page.keyboard.press('+');
  await reader.getByText('125 %').waitFor();
  await page.keyboard.press('End');
  await pages.getByText('Pour finir').waitFor();
  await number.fill('1');
  await number.press('Enter');
  await pages.getByText('Premier bilan').waitFor();
  const drawn = await pages.locator('canvas').first().evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, i) => i % 4 < 3 && value < 64);
  });
  assert.equal(drawn, true);
  assert.deepEqual(await violations(page), []);
  await page.setViewportSize({ width: 320, height: 640 });
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Escape');
  await reader.waitFor({ state: 'detached' });
  const own = new Set([product.base, `http://localhost:${product.ports[1]}`, `http://127.0.0.1:${product.ports[1]}`]);
  const others = page.requests.filter((url) => /^http/.test(url) && ![...own].some((base) => url.startsWith(base)));
  assert.deepEqual(others, [], 'the reader fetches nothing from elsewhere');
  assert.deepEqual(page.faults, []);
});

test('a sound is recorded in the page, heard again, thrown away and posted', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t, ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required']);
  const page = await person(browser);
  await join(page, product.links.participants, 'Ada');
  await page.getByRole('button', { name: 'Publier' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Nouvelle publication' });
  await dialog.getByRole('button', { name: 'Son', exact: true }).click();
  const press = (name) => dialog.getByRole('button', { name, exact: true }).click();
  const seconds = async () => (await dialog.getByRole('timer').textContent()).trim();

  await press('Commencer à enregistrer');
  await dialog.getByText('Enregistrement en cours').waitFor();
  await page.waitForFunction(() => document.querySelector('[role="timer"]')?.textContent.trim() !== '0:00');
  await press('Pause');
  const paused = await seconds();
  assert.deepEqual(await violations(page), []);
  await press('Reprendre');
  await press('Terminer');
  await dialog.getByLabel('Réécouter l’enregistrement').waitFor();
  assert.match(paused, /^0:0[1-9]$/);
  await press('Jeter');
  await focus(page, dialog.getByRole('button', { name: 'Son', exact: true }));
  assert.equal(await dialog.getByRole('listitem').count(), 0);

  await press('Son');
  await press('Commencer à enregistrer');
  await page.waitForFunction(() => document.querySelector('[role="timer"]')?.textContent.trim() !== '0:00');
  await press('Fermer');
  await dialog.getByText('Écoutez, puis ajoutez-le à la publication.').waitFor();
  await press('Ajouter');
  await dialog.getByRole('listitem', { name: /^Enregistrement du/ }).waitFor();
  await entitle(dialog, 'Ma voix');
  await dialog.getByRole('button', { name: 'Publier' }).click();
  await card(page, 'Ma voix').locator('audio').waitFor();
  assert.deepEqual(page.faults, []);
});

test('without a microphone, another way is offered', async (t) => {
  const product = await Product.start(t);
  const page = await person(await launch(t));
  await join(page, product.links.participants, 'Ada');
  await page.getByRole('button', { name: 'Publier' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Nouvelle publication' });
  await dialog.getByRole('button', { name: 'Son', exact: true }).click();
  await dialog.getByRole('button', { name: 'Commencer à enregistrer' }).click();
  await dialog.getByText(/micro n’est pas autorisé|Aucun micro/).waitFor();
  assert.deepEqual(await violations(page), []);
  await dialog.getByLabel('Choisir un enregistrement').setInputFiles({ name: 'note.wav', mimeType: 'audio/wav', buffer: wav(0.2) });
  await dialog.getByRole('listitem', { name: 'note.wav' }).getByText('Prêt').waitFor();
});
