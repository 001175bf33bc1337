// What a wall asks of its people: told to them in the page, and kept up to date
// while they write and while a trainer moderates, in a real browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { entitle, focus, launch, open, phone, violations } from './browser.mjs';
import { platformToken, sessionToken } from './crafted.mjs';
import { Client, Product } from './product.mjs';

const TRAINER = '01980000-0000-7000-8000-0000000000aa';

/** A platform's wall that asks for something, its trainer, and a link for participants. */
async function asking(t, rules, settings = {}) {
  const product = await Product.start(t);
  const operator = readFileSync(path.join(product.data, 'keys/operator.key'), 'utf8').trim();
  const anyone = new Client(product, product.links.trainer);
  const site = await anyone.send('POST', '/api/v1/platforms', { name: 'Moodle', issuer: 'https://moodle.example', keysUrl: 'https://moodle.example/keys' }, { Authorization: `Bearer ${operator}` });
  const as = { Authorization: `Bearer ${platformToken(product, site.id)}` };
  const { board } = await anyone.send('POST', '/api/v1/platform/boards', { title: 'Ma séance', settings, completion: { rules } }, as);
  const trainer = new Client(product, `${product.base}/w/${board.id}#none`);
  trainer.session = { token: sessionToken(product, board.id, TRAINER, 'Zoé', 'moderator') };
  const link = await trainer.send('POST', trainer.wall('/links'), { role: 'writer' });
  return { product, browser: await launch(t), trainer, link: link.url };
}

const opener = (page) => page.getByRole('button', { name: /^À faire :/ });
const list = (page) => page.getByRole('group', { name: 'À faire' });
const item = (page, text) => list(page).getByRole('listitem').filter({ hasText: text });

async function publish(page, title) {
  await page.getByRole('button', { name: 'Publier' }).first().click();
  const dialog = page.getByRole('dialog');
  await entitle(dialog, title);
  await dialog.getByRole('button', { name: 'Publier', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

const pictures = process.env.CHECKLIST_PICTURES;

test('what is to be done is ticked off while one writes, and a trainer moderates', async (t) => {
  const { browser, trainer, link } = await asking(t, [
    { measure: 'posts', least: 2 }, { measure: 'comments', least: 1 }, { measure: 'peers', least: 2 }, { measure: 'words', least: 200 }, { measure: 'reactions', least: 1 },
  ], { reactions: 'like' });
  const other = await trainer.post({ title: 'Le cycle de l’eau' });
  const ada = await open(browser, link, 'Ada');
  await ada.getByRole('button', { name: 'À faire : 0 sur 5. Voir la liste' }).waitFor();
  await publish(ada, 'Un');
  await publish(ada, 'Deux');
  await ada.getByRole('button', { name: 'À faire : 1 sur 5. Voir la liste' }).waitFor();
  await ada.getByText('Fait : 2 publications. 1 sur 5.').waitFor({ state: 'attached' });

  // By keyboard: opened, read, closed, and the focus is where it was.
  await opener(ada).focus();
  await ada.keyboard.press('Enter');
  await item(ada, '2 publications').getByText('fait').waitFor();
  await item(ada, 'Commenter 2 personnes différentes').getByText('0 sur 2').waitFor();
  assert.deepEqual(await violations(ada), []);
  for (const scheme of pictures ? ['light', 'dark'] : []) {
    await ada.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await violations(ada); // once what fades in is there
    await ada.screenshot({ path: `${pictures}/desk-${scheme}.png` });
  }
  await ada.keyboard.press('Escape');
  await list(ada).waitFor({ state: 'hidden' });
  await focus(ada, opener(ada));

  // A reaction and a comment count at once.
  const card = ada.locator('article[data-post]').filter({ hasText: 'Le cycle de l’eau' });
  await card.getByRole('button', { name: /^J’aime|^Aimer/ }).click();
  await ada.getByRole('button', { name: 'À faire : 2 sur 5. Voir la liste' }).waitFor();
  await card.getByRole('button', { name: /^Commenter/ }).click();
  await ada.getByRole('dialog').getByRole('textbox', { name: 'Votre commentaire' }).fill('Très clair');
  await ada.getByRole('dialog').getByRole('button', { name: 'Commenter', exact: true }).click();
  await ada.getByText('Fait : 1 commentaire. 3 sur 5.').waitFor({ state: 'attached' });
  await ada.keyboard.press('Escape');

  // What the trainer rejects counts no more; neither does what was said to a post that went.
  const { posts } = await trainer.snapshot();
  await trainer.send('POST', trainer.wall(`/posts/${posts.find(({ title }) => title === 'Deux').id}/reject`), { reason: 'à revoir' });
  await ada.getByRole('button', { name: 'À faire : 2 sur 5. Voir la liste' }).waitFor();
  await ada.getByText('Liste à faire : 2 sur 5.').waitFor({ state: 'attached' });
  await trainer.send('DELETE', trainer.wall(`/posts/${other.id}`));
  await ada.getByRole('button', { name: 'À faire : 0 sur 5. Voir la liste' }).waitFor();
  assert.deepEqual(ada.faults, []);
});

test('on a phone, and where all is done', async (t) => {
  const { browser, trainer, link } = await asking(t, [{ measure: 'posts', least: 1 }]);
  const ada = await open(browser, link, 'Ada', phone);
  await publish(ada, 'Un');
  await ada.getByRole('status').filter({ hasText: 'Tout est fait.' }).waitFor({ state: 'attached' });
  await ada.getByRole('button', { name: 'À faire : tout est fait. Voir la liste' }).click();
  await item(ada, '1 publication').getByText('fait').waitFor();
  assert.deepEqual(await violations(ada), []);
  const box = await list(ada).boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box));
  for (const scheme of pictures ? ['light', 'dark'] : []) {
    await ada.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await violations(ada); // once what fades in is there
    await ada.screenshot({ path: `${pictures}/phone-${scheme}.png` });
  }
  await ada.keyboard.press('Escape');
  assert.deepEqual(ada.faults, []);

  // Trainers are asked for nothing, and neither is anybody where there are no rules.
  const quiet = await trainer.send('POST', trainer.wall('/links'), { role: 'moderator' });
  const zoe = await open(browser, quiet.url, 'Zoé');
  assert.equal(await opener(zoe).count(), 0);
});
