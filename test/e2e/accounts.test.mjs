// A trainer's walls, from the first start on.
import assert from 'node:assert/strict';
import test from 'node:test';
import { entitle, join, launch, person, violations } from './browser.mjs';
import { Product } from './product.mjs';

const password = 'une phrase assez longue';
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function check(page, what) {
  assert.deepEqual(await violations(page), [], what);
  assert.ok(await overflow(page) <= 0, `${what}: scrolls sideways`);
}

async function setUp(page, product) {
  await page.goto(product.links.setup);
  await page.getByRole('textbox', { name: 'Votre nom' }).fill('Camille');
  await page.getByRole('textbox', { name: /Nom d’utilisateur/ }).fill('camille');
  await page.getByLabel('Mot de passe').fill(password);
  await page.getByRole('button', { name: 'Créer mon compte' }).click();
  await page.getByRole('heading', { name: 'Mes murs' }).waitFor();
}

/** Does something to a wall by its menu. */
async function act(page, title, what) {
  await page.getByRole('button', { name: `Actions pour « ${title} »` }).click();
  await page.getByRole('menuitem', { name: what }).click();
}

const card = (page, title) => page.getByRole('link', { name: title, exact: true });

test('a trainer makes an account, walls from templates, and puts them away and back', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await person(browser);

  // The link makes one account; its secret leaves the address at once.
  await trainer.goto(product.links.setup);
  await trainer.getByRole('button', { name: 'Créer mon compte' }).click();
  await trainer.getByText('Ce champ est obligatoire.').first().waitFor();
  assert.equal(new URL(trainer.url()).hash, '');
  await setUp(trainer, product);
  await card(trainer, 'Mon premier mur').waitFor();

  // A wall from a template, with its sections, opened as its owner.
  await trainer.getByRole('button', { name: 'Nouveau mur' }).click();
  await trainer.getByRole('radio', { name: 'Rétrospective' }).check();
  assert.equal(await trainer.getByRole('textbox', { name: 'Titre' }).inputValue(), 'Rétrospective');
  await trainer.getByRole('textbox', { name: 'Titre' }).fill('Bilan du trimestre');
  await trainer.getByRole('button', { name: 'Créer le mur' }).click();
  await trainer.getByText('En direct').first().waitFor();
  await trainer.getByRole('heading', { name: 'Bilan du trimestre' }).waitFor();
  const wall = trainer.url();

  // Somebody else comes by its link and posts.
  await trainer.getByRole('button', { name: 'Partager' }).first().click();
  const link = await trainer.evaluate(async () => {
    const cookie = await fetch('/api/v1/account/sessions/renewal', { method: 'POST', headers: { 'Fresque-Account': '1' } });
    const { token } = await cookie.json();
    const board = location.pathname.split('/').pop();
    const opened = await fetch(`/api/v1/account/walls/${board}/session`, {
      method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: '{}',
    });
    const session = await opened.json();
    const links = await fetch(`/api/v1/boards/${board}/links`, { headers: { Authorization: `Bearer ${session.token}` } });
    return (await links.json()).links.find((one) => one.role === 'writer').url;
  });
  await trainer.keyboard.press('Escape');
  const writer = await person(browser);
  await join(writer, link, 'Bob');
  await writer.getByRole('button', { name: 'Publier' }).first().click();
  await entitle(writer.getByRole('dialog'), 'Les ateliers');
  await writer.keyboard.press('Control+Enter');
  await trainer.getByRole('article', { name: /Les ateliers/ }).waitFor();

  // A reload, and even the bare address, is still the owner's.
  await trainer.evaluate(() => { for (const key of Object.keys(localStorage)) if (key.includes('session')) localStorage.removeItem(key); });
  await trainer.goto(wall);
  await trainer.getByRole('article', { name: /Les ateliers/ }).waitFor();
  await trainer.getByRole('link', { name: 'Mes murs' }).click();

  // Away into the archive, and undone.
  await act(trainer, 'Bilan du trimestre', 'Archiver');
  await card(trainer, 'Bilan du trimestre').waitFor({ state: 'detached' });
  assert.notEqual(await trainer.evaluate(() => document.activeElement?.tagName), 'BODY');
  await trainer.getByRole('button', { name: 'Annuler' }).click();
  await card(trainer, 'Bilan du trimestre').waitFor();

  // Into the trash: whoever is there is out, and back again.
  await act(trainer, 'Bilan du trimestre', 'Mettre à la corbeille');
  await writer.getByRole('heading', { level: 1, name: /n’existe pas, ou plus|ne marche plus/ }).waitFor();
  await trainer.getByRole('button', { name: /^Corbeille/ }).click();
  await trainer.getByRole('button', { name: 'Restaurer « Bilan du trimestre »' }).click();
  await trainer.getByRole('button', { name: /^En cours/ }).click();
  await card(trainer, 'Bilan du trimestre').waitFor();
  await writer.goto(link);
  await writer.getByRole('article', { name: /Les ateliers/ }).waitFor();

  // Again, with the posts.
  await act(trainer, 'Bilan du trimestre', 'Dupliquer');
  await trainer.getByRole('checkbox', { name: 'Reprendre les publications' }).check();
  await trainer.getByRole('button', { name: 'Dupliquer', exact: true }).click();
  await card(trainer, 'Bilan du trimestre (copie)').click();
  await trainer.getByRole('article', { name: /Les ateliers/ }).getByText('Bob').waitFor();
  await trainer.getByRole('link', { name: 'Mes murs' }).click();
  await trainer.getByRole('searchbox', { name: 'Chercher un mur' }).fill('prémier');
  await card(trainer, 'Mon premier mur').waitFor();
  assert.equal(await trainer.getByRole('listitem').count(), 1);

  // Out, and in again; a wrong password says nothing of the account.
  await trainer.getByRole('button', { name: 'Compte de Camille' }).click();
  await trainer.getByRole('menuitem', { name: 'Se déconnecter', exact: true }).click();
  await trainer.getByRole('link', { name: /Connectez-vous/ }).click();
  await trainer.getByRole('textbox', { name: /Nom d’utilisateur/ }).fill('camille');
  await trainer.getByLabel('Mot de passe').fill('autre chose');
  await trainer.getByRole('button', { name: 'Se connecter' }).click();
  await trainer.getByText('Ce nom ou ce mot de passe n’est pas le bon').waitFor();
  await trainer.getByLabel('Mot de passe').fill(password);
  await trainer.keyboard.press('Enter');
  await card(trainer, 'Mon premier mur').waitFor();
  assert.deepEqual(trainer.faults.filter((f) => !/401/.test(f)), []);

  // The first-start link has had its day, and a restart keeps everything.
  await product.kill();
  await product.start();
  assert.equal(product.links.setup, undefined);
  await trainer.reload();
  await card(trainer, 'Bilan du trimestre').waitFor();
});

const screens = [
  { name: 'desk, light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'phone, dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
  { name: 'smallest, light', viewport: { width: 320, height: 568 }, colorScheme: 'light', hasTouch: true, isMobile: true },
];

test('the pages of an account are accessible', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const first = await person(browser);
  await first.goto(product.links.setup);
  await first.getByRole('textbox', { name: 'Votre nom' }).waitFor();
  await check(first, 'first start');
  await setUp(first, product);
  const storageState = await first.context().storageState();
  for (const { name, ...screen } of screens) {
    await t.test(name, async () => {
      const page = await person(browser, { ...screen, storageState, reducedMotion: 'reduce' });
      await page.goto(`${product.base}/signin`);
      await page.getByLabel('Mot de passe').waitFor();
      await check(page, 'signing in');
      await page.goto(`${product.base}/signin?refused=denied`);
      await page.getByText('Ce compte n’est pas autorisé ici.').waitFor();
      await check(page, 'a provider’s refusal');
      await page.goto(`${product.base}/walls`);
      await card(page, 'Mon premier mur').waitFor();
      await check(page, 'my walls');
      // By keyboard alone: the menu, and the dialog for a new wall.
      await page.getByRole('button', { name: /Actions pour/ }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('menuitem', { name: 'Dupliquer' }).waitFor();
      await check(page, 'the menu of a wall');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      await check(page, 'duplicating');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Nouveau mur' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('radio', { name: 'Tableau SVA' }).waitFor();
      await check(page, 'a new wall');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^Corbeille/ }).click();
      await page.getByText('La corbeille est vide.').waitFor();
      await check(page, 'the trash');
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });
  }
});
