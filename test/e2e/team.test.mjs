// Local accounts beyond the first one, lost passwords, and walls of a team; in
// real browsers.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { launch, person, violations } from './browser.mjs';
import { Product, runToEnd } from './product.mjs';

const password = 'une phrase assez longue';
const other = 'une autre phrase assez longue';

async function fillAccount(page, name, login) {
  await page.getByRole('textbox', { name: 'Votre nom' }).fill(name);
  await page.getByRole('textbox', { name: /Nom d’utilisateur/ }).fill(login);
  await page.getByLabel('Mot de passe').fill(password);
  await page.getByRole('button', { name: 'Créer mon compte' }).click();
}

async function signIn(page, product, login, word) {
  await page.goto(`${product.base}/signin`);
  await page.getByRole('textbox', { name: /Nom d’utilisateur/ }).fill(login);
  await page.getByLabel('Mot de passe').fill(word);
  await page.getByRole('button', { name: 'Se connecter' }).click();
}

async function own(page, name, item) {
  await page.getByRole('button', { name: `Compte de ${name}` }).click();
  await page.getByRole('menuitem', { name: item }).click();
  return page.getByRole('dialog');
}

async function team(page, title) {
  await page.goto(page.url().replace(/\/w\/.*/, '/walls'));
  await page.getByRole('button', { name: `Actions pour « ${title} »` }).click();
  await page.getByRole('menuitem', { name: 'Équipe…' }).click();
  return page.getByRole('dialog');
}

const fits = async (page, what) => {
  assert.deepEqual(await violations(page), [], what);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${what}: scrolls sideways by ${over}`);
};

test('colleagues make accounts, share a wall, hand it over, and find lost passwords again', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const phone = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true, colorScheme: 'dark' };
  const [ada, bob] = [await person(browser), await person(browser, phone)];
  await ada.goto(product.links.setup);
  await fillAccount(ada, 'Ada', 'ada');
  await ada.getByRole('heading', { name: 'Mes murs' }).waitFor();

  await t.test('an administrator invites somebody, once', async () => {
    const dialog = await own(ada, 'Ada', 'Comptes de ce serveur');
    await dialog.getByText('administration').waitFor();
    await dialog.getByRole('button', { name: 'Inviter une personne' }).click();
    const link = await dialog.getByRole('textbox', { name: 'Lien pour créer un compte' }).inputValue();
    await fits(ada, 'the accounts');
    await ada.keyboard.press('Escape');
    await bob.goto(link);
    await bob.getByText('Ada vous invite à animer des murs').waitFor();
    assert.equal(new URL(bob.url()).hash, '', 'the secret leaves the address');
    await fits(bob, 'an invitation');
    await fillAccount(bob, 'Bob', 'ADA');
    await bob.getByText('Ce nom d’utilisateur est déjà pris.').first().waitFor();
    await fillAccount(bob, 'Bob', 'bob');
    await bob.getByRole('heading', { name: 'Mes murs' }).waitFor();
    await bob.getByRole('button', { name: 'Compte de Bob' }).click();
    assert.equal(await bob.getByRole('menuitem', { name: 'Comptes de ce serveur' }).count(), 0);
    await bob.keyboard.press('Escape');
    await bob.goto('about:blank');
    await bob.goto(link);
    await bob.getByText('Cette invitation a déjà servi.').waitFor();
  });

  await t.test('somebody who is invited to a wall signs in first and comes back', async () => {
    const dialog = await team(ada, 'Mon premier mur');
    await dialog.getByRole('button', { name: 'Inviter une personne' }).click();
    const link = await dialog.getByRole('textbox', { name: 'Invitation à animer ce mur' }).inputValue();
    await fits(ada, 'the team');
    await bob.context().clearCookies();
    await bob.goto('about:blank');
    await bob.goto(link);
    await bob.getByText('Ada vous invite à animer ce mur.').waitFor();
    await bob.getByRole('button', { name: 'Se connecter' }).click();
    await bob.getByRole('textbox', { name: /Nom d’utilisateur/ }).fill('bob');
    await bob.getByLabel('Mot de passe').fill(password);
    await bob.getByRole('button', { name: 'Se connecter' }).click();
    await bob.getByText('Vous êtes connecté sous le nom de Bob.').waitFor();
    await fits(bob, 'a seat');
    await bob.getByRole('button', { name: 'Animer ce mur' }).click();
    await bob.getByText('En direct').first().waitFor();
    await bob.getByRole('button', { name: 'Modération' }).waitFor();
    await bob.goto(`${product.base}/walls`);
    await bob.getByText('partagé avec vous').waitFor();
    await bob.getByRole('button', { name: 'Actions pour « Mon premier mur »' }).click();
    assert.equal(await bob.getByRole('menuitem', { name: 'Mettre à la corbeille' }).count(), 0, 'only its owner deletes it');
    await bob.keyboard.press('Escape');
  });

  await t.test('the wall is handed over', async () => {
    const dialog = await team(ada, 'Mon premier mur');
    await dialog.getByRole('button', { name: 'Retirer la place de Bob' }).waitFor();
    await dialog.getByRole('button', { name: 'Céder le mur…' }).click();
    await dialog.getByRole('button', { name: 'Créer le lien de cession' }).click();
    const link = await dialog.getByRole('textbox', { name: 'Invitation à devenir propriétaire' }).inputValue();
    await ada.keyboard.press('Escape');
    await bob.goto('about:blank');
    await bob.goto(link);
    await bob.getByRole('button', { name: 'Devenir propriétaire' }).click();
    await bob.getByText('En direct').first().waitFor();
    await ada.goto(`${product.base}/walls`);
    await ada.getByText('partagé avec vous').waitFor();
    const his = await team(bob, 'Mon premier mur');
    await his.getByRole('button', { name: 'Retirer la place de Ada' }).click();
    await his.getByText('Ada n’a plus de place sur ce mur.').waitFor();
    await fits(bob, 'the team on a phone');
    await ada.reload();
    await ada.getByText('Vous n’avez pas encore de mur.').waitFor();
  });

  await t.test('a password is changed, and other devices sign in again', async () => {
    const dialog = await own(ada, 'Ada', 'Changer de mot de passe');
    await dialog.getByLabel('Mot de passe actuel').fill('faux');
    await dialog.getByLabel('Nouveau mot de passe').fill(other);
    await dialog.getByRole('button', { name: 'Choisir ce mot de passe' }).click();
    await dialog.getByText('Ce n’est pas votre mot de passe actuel.').waitFor();
    await fits(ada, 'changing a password');
    await dialog.getByLabel('Mot de passe actuel').fill(password);
    await dialog.getByRole('button', { name: 'Choisir ce mot de passe' }).click();
    await ada.getByText('Votre mot de passe est changé.').waitFor();
    await ada.reload();
    await ada.getByRole('button', { name: 'Compte de Ada' }).waitFor();
  });

  await t.test('a lost password comes from an administrator, or from the console', async () => {
    const dialog = await own(ada, 'Ada', 'Comptes de ce serveur');
    await dialog.getByRole('button', { name: 'Nouveau mot de passe pour Bob' }).click();
    const link = await dialog.getByRole('textbox', { name: /Lien pour que Bob/ }).inputValue();
    await bob.goto('about:blank');
    await bob.goto(link);
    await bob.getByText('Pour le compte « bob ».').waitFor();
    await bob.getByLabel('Nouveau mot de passe').fill(other);
    await bob.getByRole('button', { name: 'Choisir ce mot de passe' }).click();
    await bob.getByRole('heading', { name: 'Mes murs' }).waitFor();

    const { code, out } = await runToEnd(['reset-password', 'ADA', '-data', product.data, '-addr', `127.0.0.1:${product.ports[0]}`]);
    assert.equal(code, 0, out);
    await ada.goto(out.match(/http:\S+/)[0]);
    await ada.getByLabel('Nouveau mot de passe').fill(password);
    await ada.getByRole('button', { name: 'Choisir ce mot de passe' }).click();
    await ada.getByRole('heading', { name: 'Mes murs' }).waitFor();
    await signIn(ada, product, 'ada', password);
    await ada.getByRole('heading', { name: 'Mes murs' }).waitFor();
    const nobody = await runToEnd(['reset-password', 'personne', '-data', product.data, '-addr', `127.0.0.1:${product.ports[0]}`]);
    assert.deepEqual([nobody.code, /no local account/.test(nobody.out)], [1, true], nobody.out);
  });

  await t.test('an account is closed in two weeks, and kept by who comes back', async () => {
    const refused = await own(ada, 'Ada', 'Fermer mon compte…');
    await refused.getByLabel('Mot de passe actuel').fill(password);
    await refused.getByRole('button', { name: 'Fermer mon compte' }).click();
    await refused.getByText('Vous êtes seul à administrer ce serveur').waitFor();
    await ada.keyboard.press('Escape');

    await bob.goto(`${product.base}/walls`);
    const dialog = await own(bob, 'Bob', 'Fermer mon compte…');
    await dialog.getByText('votre mur, avec tout ce que chacun y a publié').waitFor();
    await fits(bob, 'closing an account');
    if (process.env.E2E_SHOTS) await bob.screenshot({ path: path.join(process.env.E2E_SHOTS, 'closing-phone.png') });
    await dialog.getByRole('button', { name: 'Fermer mon compte' }).click();
    await dialog.getByLabel('Mot de passe actuel').fill('faux');
    await bob.keyboard.press('Enter');
    await dialog.getByText('Ce n’est pas votre mot de passe actuel.').waitFor();
    await dialog.getByLabel('Mot de passe actuel').fill(other);
    await bob.keyboard.press('Enter');
    await bob.getByText(/Votre compte sera fermé le .*reconnectez-vous pour le garder/).waitFor();
    await signIn(bob, product, 'bob', other);
    await bob.getByText(/Votre compte sera fermé le .*avec vos murs/).waitFor();
    await fits(bob, 'an account that closes');
    if (process.env.E2E_SHOTS) await bob.screenshot({ path: path.join(process.env.E2E_SHOTS, 'closes-phone.png') });
    await bob.getByRole('button', { name: 'Garder mon compte' }).click();
    await bob.getByText('Votre compte reste ouvert.').waitFor();
    assert.equal(await bob.getByText(/Votre compte sera fermé/).count(), 0);
  });
  if (process.env.E2E_SHOTS) {
    const dialog = await own(ada, 'Ada', 'Comptes de ce serveur');
    await dialog.getByRole('button', { name: 'Inviter une personne' }).click();
    await dialog.getByRole('textbox', { name: 'Lien pour créer un compte' }).waitFor();
    await ada.screenshot({ path: path.join(process.env.E2E_SHOTS, 'accounts.png') });
    await team(bob, 'Mon premier mur');
    await bob.screenshot({ path: path.join(process.env.E2E_SHOTS, 'team-phone.png') });
  }
});
