// Every page, at three widths, in both schemes: axe finds nothing, nothing
// overflows, and the keyboard alone is enough.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join, launch, person, violations } from './browser.mjs';
import { Client, Product } from './product.mjs';

const screens = [
  { name: 'desk, light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'desk, dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { name: 'phone, light', viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true },
  { name: 'smallest, dark', viewport: { width: 320, height: 568 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
];

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function check(page, what) {
  assert.deepEqual(await violations(page), [], what);
  assert.ok(await overflow(page) <= 0, `${what}: scrolls sideways`);
}

async function fillWall(product) {
  const client = await new Client(product, product.links.participants).enter('Bob');
  await client.post({ title: 'Texte', body: '<p>Un <strong>mot</strong> et <a href="https://example.org/">un lien</a></p><ul><li>un</li><li>deux</li></ul>' });
  await client.post({ title: 'Un titre très long '.repeat(8), body: `<p>${'motsansespace'.repeat(20)}</p>` });
  await client.post({ title: 'Vidéo', attachments: [
    { type: 'link', url: 'https://podeduc.apps.education.fr/video/0042-decouvrir/' },
    { type: 'link', url: `https://example.org/${'chemin/'.repeat(30)}` },
  ] });
}

test('pages are accessible', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  await fillWall(product);
  for (const { name, ...screen } of screens) {
    await t.test(name, async () => {
      const page = await person(browser, { ...screen, reducedMotion: 'reduce' });
      await page.goto(product.base);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await check(page, 'home');
      await page.goto(`${product.base}/w/01980000-0000-7000-8000-000000000000`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await check(page, 'a wall without its link');
      await page.goto(`${product.base}/nowhere`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await check(page, 'an address that is none');
      await page.goto(product.links.trainer);
      await page.getByRole('textbox', { name: 'Votre nom' }).waitFor();
      await check(page, 'giving a name');
      await page.getByRole('textbox', { name: 'Votre nom' }).fill('Eve');
      await page.getByRole('button', { name: 'Rejoindre le mur' }).click();
      await page.getByRole('article', { name: /Vidéo/ }).waitFor();
      await check(page, 'the wall');
      await page.getByRole('article', { name: /Vidéo/ }).getByRole('button', { name: /Actions/ }).click();
      await page.getByRole('menuitem').first().waitFor();
      await check(page, 'the menu of a post');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Partager' }).click();
      await page.getByRole('dialog').getByText(/participation/i).first().waitFor();
      await check(page, 'sharing');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Publier' }).last().click();
      await page.getByRole('dialog').getByRole('textbox', { name: 'Texte' }).waitFor();
      await check(page, 'composing');
      assert.deepEqual(page.faults.filter((f) => !/404|401|403/.test(f)), []);
      await page.context().close();
    });
  }
});

test('the keyboard alone posts, edits and deletes, and the focus is never lost', async (t) => {
  const product = await Product.start(t);
  const page = await person(await launch(t));
  const focused = () => page.evaluate(() => document.activeElement?.tagName);
  const focusedName = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  await page.goto(product.links.participants);
  await page.getByRole('textbox', { name: 'Votre nom' }).waitFor();
  await page.keyboard.type('Ada');
  await page.keyboard.press('Enter');
  await page.getByText('En direct').first().waitFor();
  await page.getByRole('button', { name: 'Publier' }).first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('textbox', { name: 'Texte' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.type('Sans souris');
  for (let n = 0; n < 20 && (await focusedName()).trim() !== 'Titre'; n += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('textbox', { name: 'Titre' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.type('Au clavier');
  await page.keyboard.press('Control+Enter');
  const card = page.getByRole('article', { name: /Au clavier/ });
  await card.waitFor();
  assert.notEqual(await focused(), 'BODY', 'after posting');
  await card.getByRole('button', { name: /Actions/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Modifier' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('textbox', { name: 'Texte' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.notEqual(await focused(), 'BODY', 'after closing');
  await card.getByRole('button', { name: /Actions/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Supprimer' }).waitFor();
  for (let n = 0; n < 20 && !/Supprimer/.test(await focusedName()); n += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await card.waitFor({ state: 'detached' });
  assert.notEqual(await focused(), 'BODY', 'after deleting');
});

test('the wall speaks English to who prefers it, and remembers the choice', async (t) => {
  const product = await Product.start(t);
  const page = await person(await launch(t), { locale: 'en-GB' });
  await page.goto(product.links.participants);
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
  await page.getByRole('button', { name: 'Join the wall' }).click();
  await page.getByText('Live').first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  await page.getByRole('button', { name: 'Français' }).click();
  await page.getByText('En direct').first().waitFor();
  await page.reload();
  await page.getByText('En direct').first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'fr');
});
