// A wall goes into a ZIP, is read from a folder without any server, and comes back
// as a wall; in real browsers.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { launch, person, phone, violations } from './browser.mjs';
import { attached, pdf, png, upload, wav } from './files.mjs';
import { Client, folder, Product } from './product.mjs';

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Pictures of what is tested, for who wants to see it: into the folder SHOTS. */
async function shot(page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: path.join(process.env.SHOTS, `${name}.png`), fullPage: true });
}

/** Unpacks a ZIP into a folder; gives the names of its files. */
async function unzip(raw, into) {
  const end = raw.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const names = [];
  for (let at = raw.readUInt32LE(end + 16); at < end && raw.readUInt32LE(at) === 0x02014b50;) {
    const [named, extra, comment] = [28, 30, 32].map((n) => raw.readUInt16LE(at + n));
    const name = raw.toString('utf8', at + 46, at + 46 + named);
    const local = raw.readUInt32LE(at + 42);
    const from = local + 30 + raw.readUInt16LE(local + 26) + raw.readUInt16LE(local + 28);
    const packed = raw.subarray(from, from + raw.readUInt32LE(at + 20));
    await mkdir(path.dirname(path.join(into, name)), { recursive: true });
    await writeFile(path.join(into, name), raw.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed);
    names.push(name);
    at += 46 + named + extra + comment;
  }
  return names;
}

async function setUp(page, product) {
  await page.goto(product.links.setup);
  await page.getByRole('textbox', { name: 'Votre nom' }).fill('Camille');
  await page.getByRole('textbox', { name: /Nom d’utilisateur/ }).fill('camille');
  await page.getByLabel('Mot de passe').fill('une phrase assez longue');
  await page.getByRole('button', { name: 'Créer mon compte' }).click();
  await page.getByRole('heading', { name: 'Mes murs' }).waitFor();
}

/** Puts some of everything onto the first wall. */
async function fill(product) {
  const eve = await new Client(product, product.links.trainer).enter('Mme Curie');
  const ada = await new Client(product, product.links.participants).enter('Ada Lovelace');
  const etag = `"${(await eve.snapshot()).board.rev}"`;
  await eve.send('PATCH', eve.wall(), { title: 'Les volcans', description: 'Ce que nous avons vu.\nEt ce qui reste.', settings: { reactions: 'stars' } }, { 'If-Match': etag });
  const section = await eve.send('POST', eve.wall('/sections'), { title: 'Sur le terrain', description: 'Deux sorties' });
  const [picture, document, sound] = await Promise.all([
    upload(ada, png(900, 600, [200, 80, 40]), 'image/png', 'cratère.png'),
    upload(ada, pdf('Bilan de la sortie'), 'application/pdf', 'bilan.pdf'),
    upload(ada, wav(1), 'audio/wav', 'souffle.wav'),
  ]);
  const etna = await ada.post({ title: 'L’Etna au petit matin', body: '<p>Un <strong>cratère</strong> encore chaud.</p>', sectionId: section.id, colour: 'orange', attachments: [attached(picture, { alt: 'Un cratère rouge', caption: 'Vers 6 h' })] });
  await ada.post({ title: 'Le bilan', sectionId: section.id, attachments: [attached(document)] });
  await ada.post({ body: '<p>Écoutez jusqu’au bout.</p>', attachments: [attached(sound, { caption: 'Le souffle' })] });
  await eve.post({ title: 'Consigne', body: '<ul><li>Une photo chacun</li><li>Deux mots dessous</li></ul>', colour: 'teal', attachments: [{ type: 'link', url: 'https://example.org/volcans', caption: '', alt: '' }] });
  const said = await eve.send('POST', eve.wall(`/posts/${etna.id}/comments`), { body: '<p>Superbe !</p>' });
  await ada.send('POST', ada.wall(`/posts/${etna.id}/comments`), { body: '<p>Merci.</p>', replyTo: said.id });
  await ada.send('PUT', ada.wall(`/posts/${etna.id}/reaction`), { value: 5 });
  for (;;) {
    const { media } = await eve.snapshot();
    if (media.filter((one) => one.state === 'ready').length >= 3) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Opens the dialog of importing, and chooses a file. */
async function choose(page, file) {
  if (!await page.getByRole('dialog').count()) await page.getByRole('button', { name: 'Importer…' }).click();
  await page.getByRole('dialog', { name: 'Importer un mur' }).waitFor();
  await page.locator('input[type=file]').setInputFiles(file);
}

test('a wall goes into a ZIP, is read without a server, and comes back', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const dir = await folder(t);
  const trainer = await person(browser, { reducedMotion: 'reduce', acceptDownloads: true });
  await setUp(trainer, product);
  await fill(product);
  await trainer.reload();
  await trainer.getByRole('link', { name: 'Les volcans', exact: true }).click();
  await trainer.getByText('En direct').first().waitFor();
  await trainer.getByRole('button', { name: 'Réglages du mur' }).click();
  await trainer.getByRole('button', { name: 'Emporter…' }).click();
  const [download] = await Promise.all([
    trainer.waitForEvent('download'),
    trainer.getByRole('button', { name: /ZIP/ }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'Les-volcans.zip');
  const zip = path.join(dir, 'volcans.zip');
  await download.saveAs(zip);
  const raw = await readFile(zip);

  await t.test('its page is read from a folder', async () => {
    const into = path.join(dir, 'out');
    const names = await unzip(raw, into);
    assert.ok(names.includes('index.html') && names.includes('board.json') && names.filter((n) => n.startsWith('media/')).length >= 3, names.join());
    for (const [size, options] of [['1280', {}], ['390', { ...phone, colorScheme: 'dark' }]]) {
      const reader = await person(browser, options);
      await reader.goto(pathToFileURL(path.join(into, 'index.html')).href);
      await reader.getByRole('heading', { level: 1, name: 'Les volcans' }).waitFor();
      await reader.getByRole('heading', { name: 'Sur le terrain' }).waitFor();
      const pictures = reader.getByRole('img');
      for (const one of await pictures.all()) await one.scrollIntoViewIfNeeded();
      await reader.waitForFunction(() => [...document.images].every((one) => one.complete));
      assert.ok(await reader.evaluate(() => [...document.images].every((one) => one.naturalWidth > 0)), 'pictures are there');
      assert.equal(await reader.locator('audio').evaluate((one) => new Promise((resolve) => {
        one.onloadedmetadata = () => resolve(Math.round(one.duration));
        one.onerror = () => resolve('failed');
        one.load();
        one.preload = 'metadata';
      })), 1, 'the sound plays');
      assert.ok(await overflow(reader) <= 0, 'it scrolls sideways');
      await shot(reader, `archive-${size}`);
      assert.deepEqual(await violations(reader), []);
      assert.deepEqual(reader.requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:')), []);
      assert.deepEqual(reader.faults, []);
      await reader.context().close();
    }
  });

  await trainer.goto(`${product.base}/walls`);
  await trainer.getByRole('heading', { name: 'Mes murs' }).waitFor();
  const walls = () => trainer.getByRole('link', { name: 'Les volcans', exact: true }).count();

  await t.test('what is no copy is refused in words', async () => {
    const cut = path.join(dir, 'cut.zip');
    await writeFile(cut, raw.subarray(0, raw.length - 100));
    await choose(trainer, cut);
    await trainer.getByText('Ce ZIP n’est pas complet.').waitFor();
    const other = path.join(dir, 'other.zip');
    await writeFile(other, 'bonjour');
    await choose(trainer, other);
    await trainer.getByText('Ce n’est pas un fichier ZIP.').waitFor();
    assert.deepEqual(await violations(trainer), []);
    await shot(trainer, 'import-refused');
    await trainer.getByRole('button', { name: 'Fermer' }).click();
    assert.equal(await walls(), 1);
  });

  await t.test('an import that is cut short goes on when the same ZIP is chosen again', async () => {
    const uploads = `http://localhost:${product.ports[2]}/**`;
    await trainer.route(uploads, () => {}); // nobody answers
    await choose(trainer, zip);
    await trainer.getByText('Laissez cette page ouverte.').waitFor();
    assert.deepEqual(await violations(trainer), []);
    await shot(trainer, 'import-sending');
    await trainer.getByRole('button', { name: 'Fermer' }).click();
    await trainer.getByText('L’envoi des fichiers s’est arrêté.').waitFor();
    await trainer.unroute(uploads);
    await choose(trainer, zip);
    await trainer.getByText('Le mur « Les volcans » est importé.').waitFor();
    assert.deepEqual(await violations(trainer), []);
    await shot(trainer, 'import-done');
    assert.equal(await walls(), 2, 'one wall, though it was chosen twice');
  });

  await t.test('the wall is as it was', async () => {
    await trainer.getByRole('button', { name: 'Ouvrir le mur' }).click();
    await trainer.getByText('En direct').first().waitFor();
    await trainer.getByRole('heading', { level: 1, name: 'Les volcans' }).waitFor();
    for (const words of ['L’Etna au petit matin', 'Le bilan', 'Consigne', 'Sur le terrain']) await trainer.getByText(words).first().waitFor();
    await trainer.getByText('Ada Lovelace').first().waitFor();
    await trainer.waitForFunction(() => {
      const one = document.querySelector('img[alt="Un cratère rouge"]');
      return one?.complete && one.naturalWidth > 0;
    });
    await trainer.getByText('bilan.pdf').first().waitFor();
    await shot(trainer, 'imported');
  });
  assert.deepEqual(trainer.faults.filter((fault) => !/ERR_(FAILED|ABORTED)/.test(fault)), []);
});
