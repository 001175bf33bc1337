// When a platform's wall ends: told to all who see it, and then done, in a real
// browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { launch, open, phone, violations } from './browser.mjs';
import { platformToken, sessionToken } from './crafted.mjs';
import { Client, Product } from './product.mjs';

const pictures = process.env.ENDING_PICTURES;

/** A platform's wall with a post, a link for participants, and how its retention is set. */
async function kept(t) {
  const product = await Product.start(t);
  const operator = { Authorization: `Bearer ${readFileSync(path.join(product.data, 'keys/operator.key'), 'utf8').trim()}` };
  const anyone = new Client(product, product.links.trainer);
  const site = await anyone.send('POST', '/api/v1/platforms', { name: 'Moodle', issuer: 'https://moodle.example', keysUrl: 'https://moodle.example/keys' }, operator);
  const { board } = await anyone.send('POST', '/api/v1/platform/boards', { title: 'Ma séance' }, { Authorization: `Bearer ${platformToken(product, site.id)}` });
  const trainer = new Client(product, `${product.base}/w/${board.id}#none`);
  trainer.session = { token: sessionToken(product, board.id, '01980000-0000-7000-8000-0000000000aa', 'Zoé', 'moderator') };
  const link = await trainer.send('POST', trainer.wall('/links'), { role: 'writer' });
  await trainer.post({ title: 'Le cycle de l’eau', body: '<p>L’eau s’évapore, se condense et retombe.</p>' });
  const keep = (wallsAfter, ends) =>
    anyone.send('PATCH', `/api/v1/platforms/${site.id}`, { retention: { suspendAfter: 0, eraseAfter: 0, wallsAfter, ends } }, operator);
  return { product, browser: await launch(t), trainer, link: link.url, keep };
}

async function picture(page, name) {
  for (const scheme of pictures ? ['light', 'dark'] : []) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await violations(page); // once what fades in is there
    await page.screenshot({ path: `${pictures}/${name}-${scheme}.png` });
  }
}

test('a wall tells when it ends, quietly, and more visibly when that is near', async (t) => {
  const { browser, link, keep } = await kept(t);
  const ada = await open(browser, link, 'Ada');
  const clock = ada.locator('#wall-end');
  assert.equal(await clock.count(), 0);

  await keep(400, 'anonymise'); // at once, for whoever is there
  await clock.getByText(/^Ce mur sera anonymisé le \d+ \S+ \d{4}\./).waitFor();
  assert.equal(await clock.getByText('plus rien ne dira').isVisible(), false);
  await picture(ada, 'desk-quiet');
  await clock.locator('summary').focus();
  await ada.keyboard.press('Enter');
  await clock.getByText('plus rien ne dira qui a écrit quoi').waitFor();
  assert.deepEqual(await violations(ada), []);
  await picture(ada, 'desk-quiet-open');

  await keep(20, 'erase');
  await clock.getByText(/^Ce mur sera effacé le/).waitFor();
  await clock.getByText('gardez une copie de ce qui compte').waitFor();
  assert.match(await clock.getAttribute('class'), /near/);
  assert.deepEqual(await violations(ada), []);
  await picture(ada, 'desk-near');

  const bob = await open(browser, link, 'Bob', phone);
  await bob.locator('#wall-end').getByText(/^Ce mur sera effacé le/).waitFor();
  await bob.locator('#wall-end summary').tap();
  await bob.getByText('gardez une copie de ce qui compte').waitFor();
  const box = await bob.locator('#wall-end summary').boundingBox();
  assert.ok(box.height >= 44 && box.x + box.width <= 390, JSON.stringify(box));
  assert.deepEqual(await violations(bob), []);
  await picture(bob, 'phone-near');
  await keep(0, undefined);
  await clock.waitFor({ state: 'detached' });
  assert.deepEqual([...ada.faults, ...bob.faults], []);
});
