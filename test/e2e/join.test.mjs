// Coming to a wall by typing a code, and being told why one cannot.
import assert from 'node:assert/strict';
import test from 'node:test';
import { entitle, join, launch, person, violations } from './browser.mjs';
import { Client, Product } from './product.mjs';

async function wallWithCode(t) {
  const product = await Product.start(t);
  const trainer = await new Client(product, product.links.trainer).enter('Eve');
  const { links } = await trainer.send('GET', trainer.wall('/links'));
  const writer = links.find((one) => one.role === 'writer');
  const { code } = await trainer.send('POST', trainer.wall(`/links/${writer.id}/code`));
  return { product, trainer, writer, code };
}

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const field = (page) => page.getByRole('textbox', { name: 'Code du mur' });
const go = (page) => page.getByRole('button', { name: 'Rejoindre le mur' }).click();

test('a code opens its wall, however it is typed, and brings people back as themselves', async (t) => {
  const { product, code } = await wallWithCode(t);
  const page = await person(await launch(t), phone);
  await page.goto(product.base);
  assert.deepEqual(await violations(page), []);

  await field(page).fill('22O2');
  await go(page);
  await page.getByText(/Un code a 6 caractères/).waitFor();
  await field(page).fill('222222');
  await go(page);
  await page.getByText('Ce code n’ouvre aucun mur.', { exact: false }).waitFor();
  assert.equal(await field(page).inputValue(), '222222', 'what was typed is kept');
  assert.equal(await field(page).evaluate((e) => e === document.activeElement), true);

  await field(page).fill(` ${code.slice(0, 3).toLowerCase()} ${code.slice(3)}`);
  await go(page);
  await page.getByRole('textbox', { name: 'Votre nom' }).fill('Ada');
  await page.getByRole('button', { name: 'Rejoindre le mur' }).click();
  await page.getByText('En direct').first().waitFor();
  await page.getByRole('button', { name: 'Publier' }).last().click();
  const dialog = page.getByRole('dialog');
  await entitle(dialog, 'Bonjour');
  await dialog.getByRole('button', { name: 'Publier', exact: true }).click();
  await page.getByRole('article', { name: /Bonjour/ }).waitFor();

  await page.goto(product.base);
  await field(page).fill(code);
  await go(page);
  const card = page.getByRole('article', { name: /Bonjour/ });
  await card.getByRole('button', { name: /Actions/ }).waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'Votre nom' }).count(), 0);
  assert.deepEqual(page.faults.filter((f) => !/401/.test(f)), []);
});

test('too many wrong codes say when to try again', async (t) => {
  const { product, code } = await wallWithCode(t);
  const client = new Client(product, product.links.participants);
  for (let i = 0; i < 10; i += 1) {
    await assert.rejects(client.send('POST', '/api/v1/sessions', { code: '222222' }), /code_invalid/);
  }
  const page = await person(await launch(t));
  await page.goto(product.base);
  await field(page).fill(code);
  await go(page);
  await page.getByText(/Trop d’essais\. Réessayez dans \d+ secondes?\./).waitFor();
  assert.equal(await field(page).inputValue(), code);
});

test('a code whose link has a password asks for it', async (t) => {
  const { product, trainer, writer, code } = await wallWithCode(t);
  await trainer.send('PATCH', trainer.wall(`/links/${writer.id}`), { password: 'sésame' });
  const page = await person(await launch(t), phone);
  await page.goto(product.base);
  await field(page).fill(code);
  await go(page);
  const password = page.getByLabel('Mot de passe');
  await password.waitFor();
  assert.equal(await password.evaluate((e) => e === document.activeElement), true);
  assert.deepEqual(await violations(page), []);
  await password.fill('faux');
  await page.keyboard.press('Enter');
  await page.getByText('Ce n’est pas le bon mot de passe.').waitFor();
  await password.fill('sésame');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Votre nom' }).waitFor();
});

test('each refusal says what to do next', async (t) => {
  const { product, trainer } = await wallWithCode(t);
  const browser = await launch(t);
  const page = await person(browser);
  await join(page, product.links.participants, 'Ada');
  const settings = async (change) => {
    const { board } = await trainer.snapshot();
    await trainer.send('PATCH', trainer.wall(), { settings: change }, { 'If-Match': `"${board.rev}"` });
  };

  await settings({ openFrom: '2126-01-01T08:00:00Z' });
  await page.getByRole('heading', { name: 'Ce mur n’est pas encore ouvert' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await settings({ openFrom: '', openUntil: '2020-01-01T08:00:00Z' });
  await page.getByRole('button', { name: 'Réessayer' }).click();
  await page.getByRole('heading', { name: 'Ce mur est fermé' }).waitFor();
  await settings({ openUntil: '' });
  await page.getByRole('button', { name: 'Réessayer' }).click();
  await page.getByText('En direct').first().waitFor();

  const { participants } = await trainer.snapshot();
  const ada = participants.find((one) => one.name === 'Ada');
  await trainer.send('PUT', trainer.wall(`/participants/${ada.id}/blocked`), { blocked: true });
  await page.getByRole('heading', { name: 'Votre accès à ce mur a été retiré' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Aller à l’accueil' }).click();
  await field(page).waitFor();

  const stranger = await person(browser);
  await stranger.goto(product.links.participants.replace(/#.*/, '#faux'));
  await stranger.getByRole('heading', { name: 'Ce lien n’ouvre pas ce mur' }).waitFor();
  await field(stranger).waitFor();
  assert.deepEqual(await violations(stranger), []);
});
