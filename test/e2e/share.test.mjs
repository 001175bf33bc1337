// Handing a wall on: links with roles and limits, QR codes, codes to type,
// frames; and taking it back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import test from 'node:test';
import { join, launch, person, violations } from './browser.mjs';
import { Client, folder, Product } from './product.mjs';

const openShare = async (page) => {
  await page.getByRole('button', { name: 'Partager' }).click();
  const dialog = page.getByRole('dialog', { name: 'Partager le mur' });
  await dialog.getByRole('heading', { level: 3 }).first().waitFor();
  return dialog;
};

const linkIn = (dialog, name) => dialog.getByRole('region', { name, exact: true });
const addressOf = (link) => link.getByRole('textbox', { name: /^Adresse/ }).inputValue();

test('a trainer makes a link, hands it on, changes it and takes it back', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const eve = await person(browser);
  await join(eve, product.links.trainer, 'Eve');
  const trainer = await new Client(product, product.links.trainer).enter('Eva');
  await trainer.send('POST', trainer.wall('/groups'), { name: 'Les bleus' });
  await eve.reload();
  await eve.getByText('En direct').first().waitFor();
  let url;

  await t.test('with a name, a role, a password, a group and a number of people', async () => {
    const dialog = await openShare(eve);
    await dialog.getByRole('button', { name: 'Nouveau lien' }).click();
    const form = eve.getByRole('dialog', { name: 'Nouveau lien' });
    assert.equal(await form.getByRole('textbox', { name: 'Nom du lien' }).evaluate((e) => e === document.activeElement), true);
    await form.getByRole('textbox', { name: 'Nom du lien' }).fill('Groupe du mardi');
    await form.getByRole('radio', { name: /Lien de participation/ }).check();
    await form.getByRole('textbox', { name: 'Mot de passe' }).fill('abc');
    await form.getByRole('textbox', { name: 'Nombre de personnes' }).fill('2');
    await form.getByRole('combobox', { name: 'Groupe' }).selectOption('Les bleus');
    await form.getByLabel('Jusqu’au').fill('2020-01-01T08:00');
    await form.getByRole('button', { name: 'Créer le lien' }).click();
    await form.getByText('Cette date est déjà passée.').waitFor();
    await form.getByLabel('Jusqu’au').fill('2126-01-01T08:00');
    await form.getByRole('button', { name: 'Créer le lien' }).click();
    await form.getByText('4 caractères au moins.', { exact: true }).waitFor();
    assert.deepEqual(await violations(eve), []);
    await form.getByRole('textbox', { name: 'Mot de passe' }).fill('sésame');
    await form.getByRole('button', { name: 'Créer le lien' }).click();
    const link = linkIn(dialog, 'Groupe du mardi');
    await link.waitFor();
    for (const fact of ['Lien de participation', 'Mot de passe', '0 sur 2 personnes', 'Les bleus', /2126/]) {
      await link.getByText(fact, { exact: typeof fact === 'string' }).first().waitFor();
    }
    url = await addressOf(link);
    assert.deepEqual(await violations(eve), []);
  });

  const ada = await person(browser);
  await t.test('whoever opens it gives the password, and is in the group', async () => {
    await ada.goto(url);
    await ada.getByRole('heading', { name: 'Ce mur demande un mot de passe' }).waitFor();
    assert.deepEqual(await violations(ada), []);
    await ada.getByLabel('Mot de passe').fill('faux');
    await ada.keyboard.press('Enter');
    await ada.getByText('Ce n’est pas le bon mot de passe.').waitFor();
    // The page is dropped and comes back: the link is not lost.
    await ada.reload();
    await ada.getByLabel('Mot de passe').fill('sésame');
    await ada.keyboard.press('Enter');
    await ada.getByRole('textbox', { name: 'Votre nom' }).fill('Ada');
    await ada.getByRole('button', { name: 'Rejoindre le mur' }).click();
    await ada.getByText('En direct').first().waitFor();
    const { participants } = await trainer.snapshot();
    assert.ok(participants.some((one) => one.name === 'Ada'));
    await ada.reload();
    await ada.getByText('En direct').first().waitFor();
  });

  await t.test('the person who is one too many is told what to do', async () => {
    const client = new Client(product, url);
    await client.send('POST', '/api/v1/sessions', { boardId: client.board, secret: client.secret, password: 'sésame' });
    const late = await person(browser);
    await late.goto(url);
    await late.getByLabel('Mot de passe').fill('sésame');
    await late.keyboard.press('Enter');
    await late.getByRole('heading', { name: 'Ce lien a déjà servi' }).waitFor();
    await late.getByText(/Demandez-en un autre/).waitFor();
    assert.deepEqual(await violations(late), []);
    await late.context().close();
  });

  await t.test('its QR code and code are shown large, with the address to type it at', async () => {
    await linkIn(eve.getByRole('dialog'), 'Groupe du mardi').getByRole('button', { name: /^QR code/ }).click();
    const show = eve.getByRole('dialog', { name: 'Mon premier mur' });
    await show.getByRole('img', { name: 'QR code qui ouvre le mur' }).waitFor();
    await show.getByRole('button', { name: 'Ajouter un code à taper' }).click();
    await show.getByText('2. Tapez le code').waitFor();
    await show.getByText(new URL(product.base).host, { exact: true }).waitFor();
    assert.match(await show.locator('.code').textContent(), /^[2-9A-HJKMNP-TV-Z]{3}\u00a0[2-9A-HJKMNP-TV-Z]{3}$/);
    assert.deepEqual(await violations(eve), []);
    const [download] = await Promise.all([eve.waitForEvent('download'), show.getByRole('button', { name: 'Télécharger le QR code' }).click()]);
    assert.equal(download.suggestedFilename(), 'Mon-premier-mur.svg');
    assert.match(readFileSync(await download.path(), 'utf8'), /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 \d+ \d+"/);
    await eve.keyboard.press('Escape');
    await show.waitFor({ state: 'hidden' });
  });

  await t.test('changing it takes the password away', async () => {
    const dialog = eve.getByRole('dialog');
    await linkIn(dialog, 'Groupe du mardi').getByRole('button', { name: /^Modifier/ }).click();
    const form = eve.getByRole('dialog', { name: 'Modifier le lien' });
    await form.getByRole('checkbox', { name: 'Retirer le mot de passe' }).check();
    await form.getByRole('textbox', { name: 'Nombre de personnes' }).fill('');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    const link = linkIn(dialog, 'Groupe du mardi');
    await link.waitFor();
    assert.equal(await link.getByText('Mot de passe').count(), 0);
    assert.equal(await addressOf(link), url);
  });

  await t.test('revoking it puts its people out at once', async () => {
    const link = linkIn(eve.getByRole('dialog'), 'Groupe du mardi');
    await link.getByRole('button', { name: /^Révoquer/ }).click();
    await link.getByText(/ne s’ouvrira plus jamais/).waitFor();
    assert.equal(await link.getByRole('button', { name: 'Garder le lien' }).evaluate((e) => e === document.activeElement), true);
    await link.getByRole('button', { name: 'Révoquer', exact: true }).click();
    // Five seconds are what people are promised.
    await ada.getByRole('heading', { name: 'Ce lien ne marche plus' }).waitFor({ timeout: 5_000 });
    await link.waitFor({ state: 'detached' });
    assert.notEqual(await eve.evaluate(() => document.activeElement?.tagName), 'BODY');
    assert.deepEqual(await violations(ada), []);
    await ada.reload();
    await ada.getByRole('heading', { name: 'Ce lien ne marche plus' }).waitFor();
  });

  await t.test('the embed code says that no site may use it', async () => {
    await linkIn(eve.getByRole('dialog'), 'Lien de lecture').or(linkIn(eve.getByRole('dialog'), 'Lien de participation')).first()
      .getByRole('button', { name: /^Intégrer/ }).click();
    const embed = eve.getByRole('dialog', { name: 'Intégrer le mur dans une page' });
    await embed.getByText(/Aucun site n’est autorisé/).waitFor();
    assert.match(await embed.getByRole('textbox', { name: 'Code à coller' }).inputValue(), /^<iframe src="http:/);
    assert.deepEqual(await violations(eve), []);
    await embed.getByRole('button', { name: 'Retour aux liens' }).click();
    await eve.getByRole('dialog', { name: 'Partager le mur' }).waitFor();
  });

  assert.deepEqual(eve.faults.filter((f) => !/422/.test(f)), []);
  assert.deepEqual(ada.faults.filter((f) => !/401/.test(f)), []);
});

/** A site of somebody else, over https. */
async function site(t, page) {
  const dir = await folder(t);
  const [key, cert] = [path.join(dir, 'key.pem'), path.join(dir, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const server = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, answer) => {
    answer.setHeader('Content-Type', 'text/html; charset=utf-8');
    answer.end(`<!doctype html><title>Cours</title>${page()}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `https://localhost:${server.address().port}`;
}

test('a wall is framed by the sites that the operator names, and by no other', async (t) => {
  let code = '';
  const allowed = await site(t, () => code);
  const other = await site(t, () => code);
  const product = await Product.start(t, undefined, ['-embed-sites', allowed]);
  const browser = await launch(t);
  const eve = await person(browser);
  await join(eve, product.links.trainer, 'Eve');
  const dialog = await openShare(eve);
  await linkIn(dialog, 'Lien de participation').getByRole('button', { name: /^Intégrer/ }).click();
  await eve.getByText(allowed.replace('https://', '')).waitFor();
  code = await eve.getByRole('textbox', { name: 'Code à coller' }).inputValue();

  const ada = await person(browser, { ignoreHTTPSErrors: true });
  await ada.goto(allowed);
  const frame = ada.frameLocator('iframe');
  await frame.getByRole('textbox', { name: 'Votre nom' }).fill('Ada');
  await frame.getByRole('button', { name: 'Rejoindre le mur' }).click();
  await frame.getByText('En direct').first().waitFor();
  assert.equal(await frame.getByRole('link', { name: 'Accueil de Fresque' }).count(), 0, 'the host has its own header');

  const refused = ada.waitForEvent('console', (m) => /frame-ancestors/.test(m.text()));
  await ada.goto(other);
  await refused;
});
