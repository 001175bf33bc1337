// A trainer takes a wall away: a document to print, a table, a whole copy; in real
// browsers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { join, launch, person, phone, violations } from './browser.mjs';
import { attached, png, upload } from './files.mjs';
import { Client, Product, until } from './product.mjs';

const run = promisify(execFile);
const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function shot(page, name) {
  if (process.env.SHOTS)
    await page.screenshot({ path: path.join(process.env.SHOTS, `${name}.png`) });
}

/** Opens the dialog from the wall's menu. */
async function open(page) {
  await page.getByRole('button', { name: /^(Animer|Plus d’actions)$/ }).click();
  await page.getByRole('menuitem', { name: 'Emporter…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Emporter le mur' });
  await dialog.waitFor();
  return dialog;
}

/** Presses a button of the dialog, by the keyboard; gives the file that comes. */
async function take(page, dialog, name) {
  const button = dialog.getByRole('button', { name });
  await button.focus();
  const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  await dialog.getByText(/^Téléchargé\s: /).waitFor();
  assert.ok(await button.evaluate((b) => b === document.activeElement), 'focus stays');
  return { name: file.suggestedFilename(), at: await file.path() };
}

test('a trainer takes a wall away', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const eve = await new Client(product, product.links.trainer).enter('Eve');
  const ada = await new Client(product, product.links.participants).enter('Ada');
  const section = await eve.send('POST', eve.wall('/sections'), { title: 'Sur le terrain' });
  const picture = await upload(ada, png(900, 600, [200, 80, 40]), 'image/png', 'cratère.png');
  await ada.post({
    title: '=1+1',
    body: '<p>L’été 🌋</p>',
    sectionId: section.id,
    attachments: [attached(picture, { alt: 'Un cratère', caption: 'Vers 6 h' })],
  });
  await until(
    (all) => all[0]?.state === 'ready',
    async () => (await eve.snapshot()).media,
  );
  const page = await person(browser, { reducedMotion: 'reduce', acceptDownloads: true });
  await join(page, product.links.trainer, 'Eve');
  const dialog = await open(page);
  await shot(page, 'away');

  await t.test('as a document', async () => {
    const file = await take(page, dialog, 'Télécharger le document (PDF)');
    assert.match(file.name, /^[A-Za-z0-9-]+\.pdf$/);
    const { stdout } = await run('pdftotext', ['-layout', file.at, '-']);
    for (const one of [
      /Sur le terrain/,
      /=1\+1/,
      /Ada · /,
      /L’été\s+🌋/,
      /Vers 6\sh/,
      /1\s?\/\s?1/,
    ])
      assert.match(stdout, one);
    const { stdout: about } = await run('pdfinfo', [file.at]);
    assert.match(about, /Tagged:\s+yes/);
    const { stdout: pictures } = await run('pdfimages', ['-list', file.at]);
    assert.match(pictures, / 640 +427 /);
  });

  await t.test('as a table', async () => {
    const file = await take(page, dialog, 'Télécharger le tableau (CSV)');
    assert.match(file.name, /^[A-Za-z0-9-]+\.csv$/);
    const text = await readFile(file.at, 'utf8');
    assert.equal(text.charCodeAt(0), 0xfeff);
    assert.match(text, /;Ada;'=1\+1;L’été 🌋;/);
  });

  await t.test('as a whole copy', async () => {
    const file = await take(page, dialog, 'Télécharger la copie complète (ZIP)');
    assert.match(file.name, /^[A-Za-z0-9-]+\.zip$/);
    assert.equal((await readFile(file.at)).toString('latin1', 0, 4), 'PK\x03\x04');
  });

  await t.test('it waits, is stopped, and says what to do when it cannot be', async () => {
    let go;
    const held = new Promise((resolve) => (go = resolve));
    await page.route('**/wall.pdf', async (route) => {
      await held;
      await route.abort().catch(() => {});
    });
    const button = dialog.getByRole('button', { name: 'Télécharger le document (PDF)' });
    await button.press('Enter');
    await dialog.getByRole('button', { name: 'Annuler' }).waitFor();
    assert.ok(
      await dialog.getByRole('button', { name: 'Télécharger le tableau (CSV)' }).isDisabled(),
    );
    await shot(page, 'away-busy');
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Annuler' }).press('Enter');
    await dialog.getByRole('button', { name: 'Annuler' }).waitFor({ state: 'detached' });
    assert.ok(await button.evaluate((b) => b === document.activeElement), 'focus goes back');
    go();
    await page.unroute('**/wall.pdf');
    await page.route('**/wall.pdf', (route) => route.abort());
    await button.press('Enter');
    await dialog
      .locator('li')
      .first()
      .getByText(/connexion/i)
      .waitFor();
    await shot(page, 'away-failed');
    await page.unroute('**/wall.pdf');
  });
  assert.deepEqual(
    page.faults.filter((one) => !/ERR_FAILED|Failed to load|aborted/i.test(one)),
    [],
  );

  for (const [name, options] of [
    ['phone-dark', { ...phone, colorScheme: 'dark' }],
    ['narrow', { ...phone, viewport: { width: 320, height: 640 } }],
  ]) {
    await t.test(`it looks right: ${name}`, async () => {
      const one = await person(browser, { reducedMotion: 'reduce', ...options });
      await join(one, product.links.trainer, 'Zoé');
      await open(one);
      await shot(one, `away-${name}`);
      assert.ok((await overflow(one)) <= 0, 'it scrolls sideways');
      assert.deepEqual(await violations(one), []);
      assert.deepEqual(one.faults, []);
      await one.context().close();
    });
  }
});
