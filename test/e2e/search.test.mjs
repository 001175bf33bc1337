// Finding posts: words, filters, both, and nothing.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join, launch, person, violations } from './browser.mjs';
import { Client, Product } from './product.mjs';

const titles = (page) => page.locator('article[data-post] h3, article[data-post] h4').allTextContents().then((all) => all.map((one) => one.trim()).sort());

async function shows(page, ...expected) {
  const end = Date.now() + 20_000;
  let now;
  do now = await titles(page); while (JSON.stringify(now) !== JSON.stringify(expected) && Date.now() < end);
  assert.deepEqual(now, expected);
}

test('a wall is searched and filtered, in every layout', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Eve');
  const bob = await new Client(product, product.links.participants).enter('Bob');
  const { id } = await trainer.send('POST', trainer.wall('/sections'), { title: 'Idées' });
  await trainer.post({ title: 'Bienvenue', body: '<p>À l’école</p>', sectionId: id });
  await bob.post({ title: 'Élan', body: '<p>Une idée</p>', colour: 'blue', sectionId: id });
  await bob.post({ title: 'Film', attachments: [{ type: 'link', url: 'https://podeduc.apps.education.fr/video/0042-decouvrir/' }] });
  await bob.post({ title: 'Page', colour: 'blue', attachments: [{ type: 'link', url: 'https://example.org/' }] });

  for (const layout of ['wall', 'columns', 'stream']) {
    await t.test(layout, async () => {
      const { board } = await trainer.snapshot();
      await trainer.send('PATCH', trainer.wall(), { settings: { layout } }, { 'If-Match': `"${board.rev}"` });
      const page = await person(browser);
      await join(page, product.links.participants, 'Ada');
      const search = page.getByRole('searchbox', { name: 'Rechercher sur le mur' });
      await shows(page, 'Bienvenue', 'Film', 'Page', 'Élan');
      await search.fill("A L'ECOLE");
      await shows(page, 'Bienvenue');
      await page.locator('[aria-live="polite"]').getByText('1 publication trouvée').waitFor();
      await search.fill('');

      await page.getByRole('button', { name: 'Filtrer' }).click();
      const filters = page.getByRole('region', { name: 'Filtres' });
      const open = (name) => filters.locator('summary').filter({ hasText: name }).click();
      await open('Couleur');
      await filters.getByRole('checkbox', { name: /^bleu\s*2$/ }).check();
      await shows(page, 'Page', 'Élan');
      await filters.getByText('2 publications sur 4').waitFor();
      assert.deepEqual(await violations(page), []);
      await page.keyboard.press('Escape');
      await filters.getByRole('checkbox').first().waitFor({ state: 'hidden' });
      await open('Contenu');
      await filters.getByRole('checkbox', { name: /^Lien/ }).check();
      await shows(page, 'Page');
      await filters.getByRole('checkbox', { name: /^Lien/ }).uncheck();
      await filters.getByRole('checkbox', { name: /^Vidéo\s*0$/ }).check();
      await page.getByText('Rien ne correspond à ces filtres.').waitFor();
      await page.keyboard.press('Escape');
      assert.deepEqual(await violations(page), []);
      await filters.getByRole('button', { name: 'Retirer le filtre : bleu' }).click();
      await shows(page, 'Film');
      await filters.getByRole('button', { name: 'Effacer les filtres' }).click();
      await shows(page, 'Bienvenue', 'Film', 'Page', 'Élan');
      await page.locator('summary:focus').waitFor();
      await search.fill('zzz');
      await page.getByText('Rien ne correspond à « zzz ».').waitFor();
      await page.getByRole('button', { name: 'Effacer la recherche', exact: true }).last().click();
      await shows(page, 'Bienvenue', 'Film', 'Page', 'Élan');
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });
  }

  await t.test('on a phone, what is chosen stays at hand', async () => {
    const page = await person(browser, { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
    await join(page, product.links.trainer, 'Eve');
    await page.getByRole('button', { name: 'Plus d’actions' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Filtrer' }).click();
    const filters = page.getByRole('region', { name: 'Filtres' });
    await filters.locator('summary').filter({ hasText: 'Auteur' }).click();
    await filters.getByRole('checkbox', { name: /^Bob/ }).check();
    await filters.getByText('3 publications sur 4').waitFor();
    await page.keyboard.press('Escape');
    await shows(page, 'Film', 'Page', 'Élan');
    assert.deepEqual(await violations(page), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
  });
});
