// Showing a wall to a room: the slideshow and the projection.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join, launch, person, violations } from './browser.mjs';
import { Client, Product } from './product.mjs';

async function present(page, how) {
  await page.getByRole('button', { name: /^(Présenter|Plus d’actions)$/ }).click();
  await page.getByRole('menuitem', { name: how }).click();
}

async function wall(t) {
  const product = await Product.start(t);
  const trainer = await new Client(product, product.links.trainer).enter('Eve');
  const { id } = await trainer.send('POST', trainer.wall('/sections'), { title: 'Idées', description: 'Celles du matin' });
  await trainer.post({ title: 'Deux', body: '<p>Un <strong>mot</strong></p>', sectionId: id, order: 'k', colour: 'blue' });
  await trainer.post({ title: 'Un', sectionId: id, order: 'b', attachments: [
    { type: 'link', url: 'https://podeduc.apps.education.fr/video/0042-decouvrir/', caption: 'Le film' },
  ] });
  return { product, trainer, section: id };
}

test('a slideshow goes by section, by keyboard and by swipe, and keeps its place', async (t) => {
  const { product, trainer, section } = await wall(t);
  const browser = await launch(t);
  const page = await person(browser, { viewport: { width: 1280, height: 720 } });
  await join(page, product.links.participants, 'Ada');
  await present(page, 'Diaporama');
  const dialog = page.getByRole('dialog', { name: 'Diaporama : Mon premier mur' });
  const heading = (name) => dialog.getByRole('heading', { level: 3, name, exact: true }).waitFor();
  await heading('Idées');
  await dialog.getByText('Celles du matin').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('ArrowRight');
  await heading('Un');
  assert.equal(await dialog.locator('iframe').count(), 0);
  await dialog.getByRole('button', { name: 'Lire la vidéo' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press(' ');
  await heading('Deux');
  await dialog.getByText('3 sur 3').waitFor();
  assert.equal(await dialog.locator('strong').textContent(), 'mot');

  // What comes before does not move the room.
  await trainer.post({ title: 'Entre', sectionId: section, order: 'c' });
  await dialog.getByText('4 sur 4').waitFor();
  await heading('Deux');
  await page.keyboard.press('ArrowLeft');
  await heading('Entre');
  await page.keyboard.press('Home');
  await heading('Idées');
  await page.keyboard.press('End');
  await heading('Deux');
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.fullscreenElement !== null);
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.fullscreenElement === null);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY');
  await present(page, 'Diaporama');
  await heading('Deux');
  assert.deepEqual(page.faults, []);

  const phone = await person(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' });
  await join(phone, product.links.participants, 'Bob');
  await present(phone, 'Diaporama');
  const slides = phone.getByRole('dialog');
  await slides.getByRole('heading', { name: 'Idées', exact: true }).waitFor();
  const session = await phone.context().newCDPSession(phone);
  const touch = (type, x) => session.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y: 400 }] });
  await touch('touchStart', 320);
  await touch('touchMove', 200);
  await touch('touchMove', 80);
  await touch('touchEnd');
  await slides.getByRole('heading', { name: 'Un', exact: true }).waitFor();
  assert.deepEqual(await violations(phone), []);
  assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
});

for (const colorScheme of ['light', 'dark']) {
  test(`a projection shows the wall large, and how to join it (${colorScheme})`, async (t) => {
    const { product, trainer } = await wall(t);
    const { links } = await trainer.send('GET', trainer.wall('/links'));
    const writer = links.find((one) => one.role === 'writer');
    const { code } = await trainer.send('POST', trainer.wall(`/links/${writer.id}/code`));
    const page = await person(await launch(t), { viewport: { width: 1280, height: 720 }, colorScheme });
    await join(page, product.links.trainer, 'Eve');
    await present(page, 'Projeter le mur');
    const dialog = page.getByRole('dialog', { name: 'Mon premier mur' });
    await dialog.getByRole('img', { name: 'QR code qui ouvre le mur' }).waitFor();
    await dialog.getByText(`${code.slice(0, 3)}\u00a0${code.slice(3)}`).waitFor();
    await dialog.getByRole('article', { name: 'Deux' }).waitFor();
    const size = await dialog.getByRole('heading', { name: 'Deux' }).evaluate((h) => Number.parseFloat(getComputedStyle(h).fontSize));
    assert.ok(size >= 28, `${size} px are read from the back of a room`);
    // All look at a trainer's screen: what they alone may see is not on it.
    const { id: hidden } = await trainer.send('POST', trainer.wall('/sections'), { title: 'Corrigé', hidden: true });
    await trainer.post({ title: 'La réponse', sectionId: hidden });
    const waiting = await trainer.post({ title: 'À relire' });
    await trainer.send('POST', trainer.wall(`/posts/${waiting.id}/reject`), { reason: '' });
    await trainer.post({ title: 'Nouveau' });
    await dialog.getByText('2 publications ne sont pas montrées').waitFor();
    await dialog.getByRole('article', { name: 'Nouveau' }).waitFor();
    assert.deepEqual((await dialog.getByRole('article').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? one.querySelector('h3')?.textContent))).sort(), ['Deux', 'Nouveau', 'Un']);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(page.faults, []);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/projection-${colorScheme}.png` });
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await present(page, 'Diaporama');
    await page.getByRole('dialog').getByText('1 sur 5').waitFor(); // two titles, three posts
    await page.keyboard.press('Escape');
    if (process.env.SHOTS) {
      await present(page, 'Diaporama');
      await page.keyboard.press('End');
      await page.screenshot({ path: `${process.env.SHOTS}/slides-${colorScheme}.png` });
    }
  });
}
