// One post in full, over its wall: by the card, the address, the keys and a finger.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join, launch, person, violations } from './browser.mjs';
import { attached, png, upload } from './files.mjs';
import { Client, Product } from './product.mjs';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function wallWithPosts(t) {
  const product = await Product.start(t);
  const client = await new Client(product, product.links.participants).enter('Bob');
  const pictures = [];
  for (const [name, colour] of [['vagues', [20, 90, 140]], ['sable', [200, 170, 110]], ['pins', [40, 110, 60]]]) {
    pictures.push(await upload(client, png(640, 420, colour), 'image/png', `${name}.png`));
  }
  const first = await client.post({ title: 'Un ticket de sortie', body: '<p>Trois minutes, une question.</p>' });
  const album = await client.post({
    title: 'Sortie à la plage',
    body: '<p>Relevés du <strong>12 mai</strong>.</p>',
    attachments: pictures.map((id, i) => attached(id, { alt: ['Des vagues', 'Du sable', 'Des pins'][i], caption: i === 0 ? 'À marée haute' : '' })),
  });
  const last = await client.post({ body: '<p>Sans titre, mais pas sans idées.</p>' });
  return { product, client, first, album, last };
}

const view = (page, name) => page.getByRole('dialog', { name });
const post = (page) => new URL(page.url()).searchParams.get('post');

test('a post opens over its wall, at an address of its own', async (t) => {
  const { product, client, first, album, last } = await wallWithPosts(t);
  const page = await person(await launch(t));
  await join(page, product.links.participants, 'Ada');

  await t.test('by its title; back and forward close and open it', async () => {
    await page.getByRole('link', { name: 'Sortie à la plage', exact: true }).click();
    await view(page, 'Sortie à la plage').waitFor();
    assert.equal(post(page), album.id);
    await page.goBack();
    await view(page, 'Sortie à la plage').waitFor({ state: 'detached' });
    assert.equal(post(page), null);
    await page.getByText('En direct').first().waitFor();
    await page.goForward();
    await view(page, 'Sortie à la plage').waitFor();
  });

  await t.test('the arrows and the buttons go through the wall in its order', async () => {
    await page.keyboard.press('ArrowRight');
    await view(page, 'Un ticket de sortie').waitFor();
    await page.getByRole('button', { name: 'Publication précédente' }).click();
    await page.getByRole('button', { name: 'Publication précédente' }).click();
    await view(page, 'Publication de Bob').waitFor();
    assert.equal(post(page), last.id);
    await page.getByText('1 sur 3', { exact: true }).waitFor();
  });

  await t.test('a change made meanwhile is shown', async () => {
    await client.send('PATCH', client.wall(`/posts/${last.id}`), { title: 'Avec un titre' }, { 'If-Match': '"1"' });
    await view(page, 'Avec un titre').waitFor();
  });

  await t.test('Escape gives the focus to the card of what was looked at last', async () => {
    await page.keyboard.press('Escape');
    await view(page, 'Avec un titre').waitFor({ state: 'detached' });
    await page.waitForFunction((id) => document.activeElement?.dataset.post === id, last.id);
    assert.equal(post(page), null);
  });

  await t.test('by Enter on a card, and by its menu', async () => {
    await page.keyboard.press('Enter');
    await view(page, 'Avec un titre').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Actions : Un ticket de sortie' }).click();
    await page.getByRole('menuitem', { name: 'Ouvrir' }).click();
    await view(page, 'Un ticket de sortie').waitFor();
    await page.keyboard.press('Escape');
  });

  await t.test('a picture of an album opens it there; its own arrows turn its pictures', async () => {
    await page.getByRole('link', { name: 'Agrandir l’image : Du sable' }).click();
    const dialog = view(page, 'Sortie à la plage');
    await dialog.getByText('Image 2 sur 3').waitFor();
    await dialog.getByRole('button', { name: 'Image suivante' }).click();
    await dialog.getByText('Image 3 sur 3').waitFor();
    await page.keyboard.press('ArrowLeft');
    await dialog.getByText('Image 2 sur 3').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  await t.test('its address can be shared: whoever may see the wall lands on it', async () => {
    const shared = await person(page.context().browser());
    await join(shared, product.links.participants.replace('#', `?post=${first.id}#`), 'Zoé');
    await view(shared, 'Un ticket de sortie').waitFor();
    await shared.getByRole('button', { name: 'Fermer' }).click();
    await view(shared, 'Un ticket de sortie').waitFor({ state: 'detached' });
    assert.equal(post(shared), null);
    assert.deepEqual(shared.faults, []);
  });

  await t.test('one that has gone is told to have gone', async () => {
    const thread = page.waitForResponse((response) => response.url().includes(`/posts/${first.id}/comments`));
    await page.goto(`${product.base}/w/${client.board}?post=${first.id}`);
    await view(page, 'Un ticket de sortie').waitFor();
    await thread; // asked for later, it would not be there
    await client.send('DELETE', client.wall(`/posts/${first.id}`));
    await page.getByText('Cette publication n’est pas sur ce mur').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Revenir au mur' }).click();
    await page.getByText('En direct').first().waitFor();
  });
  assert.deepEqual(page.faults, []);
});

test('on a phone a finger goes from post to post, and axe finds nothing', async (t) => {
  const { product } = await wallWithPosts(t);
  const page = await person(await launch(t), { ...phone, colorScheme: 'dark' });
  await join(page, product.links.participants, 'Ada');
  await page.getByRole('link', { name: 'Sortie à la plage', exact: true }).tap();
  await view(page, 'Sortie à la plage').waitFor();
  assert.deepEqual(await violations(page), []);
  const touch = await page.context().newCDPSession(page);
  const at = (type, x, y) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
  await at('touchStart', 330, 150);
  await at('touchMove', 200, 152);
  await at('touchMove', 60, 154);
  await at('touchEnd');
  await view(page, 'Un ticket de sortie').waitFor();
  await page.setViewportSize({ width: 320, height: 640 });
  assert.equal(await page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth), true);
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(page.faults, []);
});
