// How a wall is laid out, sorted and listed, in real browsers.
import assert from 'node:assert/strict';
import test from 'node:test';
import { entitle, join, launch, person, violations } from './browser.mjs';
import { Client, Product } from './product.mjs';
import { reads, section, sections, shape } from './walls.mjs';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

test('layouts', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const eve = await new Client(product, product.links.trainer).enter('Eve');
  const zoe = await new Client(product, product.links.participants).enter('Zoé');
  const ada = await person(browser);
  const bob = await person(browser, phone);
  await join(ada, product.links.participants, 'Ada');
  await join(bob, product.links.participants, 'Bob');
  for (const title of ['Un', 'Deux', 'Trois']) await eve.post({ title });
  let ids;

  await t.test('without sections there are no headings', async () => {
    for (const page of [ada, bob]) await reads(page, { Publications: ['Trois', 'Deux', 'Un'] });
  });

  await t.test('sections are chapters of a wall and of a stream', async () => {
    ids = await sections(eve, { title: 'Attentes', colour: 'blue' }, { title: 'Questions', locked: true });
    await zoe.post({ title: 'Quatre', sectionId: ids.Attentes });
    const expected = { 'Sans section': ['Trois', 'Deux', 'Un'], Attentes: ['Quatre'] };
    for (const page of [ada, bob]) await reads(page, expected);
    await ada.getByText('Verrouillée').waitFor();
    await shape(eve, { layout: 'stream' });
    for (const page of [ada, bob]) {
      await page.locator('.stream').waitFor();
      await reads(page, expected);
    }
    await ada.getByRole('heading', { name: 'Questions' }).waitFor();
    assert.deepEqual(await violations(ada), []);
  });

  await t.test('columns: one per section, reaching open browsers at once, with every post', async () => {
    await shape(eve, { layout: 'columns' });
    await ada.locator('.column').first().waitFor();
    await reads(ada, { 'Sans section': ['Trois', 'Deux', 'Un'], Attentes: ['Quatre'] });
    const lefts = await ada.locator('.column').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().left));
    assert.equal(lefts.length, 3);
    assert.deepEqual(lefts, lefts.toSorted((a, b) => a - b));
    assert.deepEqual(await violations(ada), []);
  });

  await t.test('on a phone, columns show one at a time, with tabs', async () => {
    const tabs = bob.getByRole('tab');
    await tabs.first().waitFor();
    assert.deepEqual((await tabs.allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim()), [
      'Sans section 3 3 publications', 'Attentes 1 1 publication', 'Questions 0 0 publication',
    ]);
    await reads(bob, { 'Sans section': ['Trois', 'Deux', 'Un'] });
    await tabs.nth(1).click();
    await reads(bob, { Attentes: ['Quatre'] });
    await bob.keyboard.press('ArrowLeft');
    await reads(bob, { 'Sans section': ['Trois', 'Deux', 'Un'] });
    assert.equal(await bob.evaluate(() => document.activeElement.getAttribute('role')), 'tab');
    assert.deepEqual(await violations(bob), []);
    const wide = await bob.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    assert.equal(wide, false, 'nothing is cut at the side');
  });

  await t.test('a hidden section is the trainer’s alone', async () => {
    await section(eve, ids.Attentes, { hidden: true });
    await reads(ada, { 'Sans section': ['Trois', 'Deux', 'Un'] });
    await section(eve, ids.Attentes, { hidden: false });
    await reads(ada, { 'Sans section': ['Trois', 'Deux', 'Un'], Attentes: ['Quatre'] });
  });

  await t.test('posts are sorted as the settings say, at once', async () => {
    await shape(eve, { layout: 'wall', sort: 'oldest' });
    await reads(ada, { 'Sans section': ['Un', 'Deux', 'Trois'], Attentes: ['Quatre'] });
    await zoe.post({ title: 'Cinq' });
    await shape(eve, { sort: 'author' });
    await reads(ada, { 'Sans section': ['Trois', 'Deux', 'Un', 'Cinq'], Attentes: ['Quatre'] });
    await shape(eve, { sort: 'manual', newLast: true });
    await zoe.post({ title: 'Six' });
    await reads(ada, { 'Sans section': ['Cinq', 'Trois', 'Deux', 'Un', 'Six'], Attentes: ['Quatre'] });
  });

  await t.test('publishing from a section’s heading puts the post there, and the focus with it', async () => {
    await shape(eve, { layout: 'columns', newLast: false });
    await ada.locator('.column').first().waitFor();
    await ada.getByRole('button', { name: /Publier dans .*Attentes/ }).click();
    const dialog = ada.getByRole('dialog');
    await entitle(dialog, 'Sept');
    await dialog.getByRole('button', { name: 'Publier', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await ada.waitForFunction(() => document.activeElement?.matches('article') && document.activeElement.textContent.includes('Sept'));
    const { posts } = await eve.snapshot();
    assert.equal(posts.find((post) => post.title === 'Sept').sectionId, ids.Attentes);
    assert.equal(await ada.getByRole('button', { name: /Publier dans .*Questions/ }).count(), 0, 'not in a locked section');
  });

  await t.test('a section that closes while somebody writes for it, or is hidden after, says so to them', async () => {
    const dialog = bob.getByRole('dialog');
    const publish = () => dialog.getByRole('button', { name: 'Publier', exact: true }).click();
    await bob.getByRole('tab', { name: /Attentes/ }).click();
    await bob.getByRole('button', { name: /Publier dans .*Attentes/ }).click();
    await entitle(dialog, 'Huit');
    await section(eve, ids.Attentes, { locked: true });
    await bob.getByText('Verrouillée').waitFor({ state: 'attached' });
    await publish();
    await dialog.getByText('La section choisie n’est plus ouverte.').waitFor();
    assert.deepEqual(await violations(bob), []);
    assert.ok((await eve.snapshot()).posts.every(({ title }) => title !== 'Huit'), 'nothing was sent');
    await section(eve, ids.Attentes, { locked: false });
    await bob.getByText('Verrouillée').waitFor({ state: 'detached' });
    const asks = dialog.getByRole('button', { name: 'Section', exact: true });
    if (await asks.count()) await asks.click();
    await dialog.getByRole('combobox', { name: 'Section' }).selectOption('Attentes');
    await publish();
    await bob.getByRole('article', { name: 'Huit' }).waitFor();
    await section(eve, ids.Attentes, { hidden: true });
    await bob.getByRole('article', { name: 'Huit' }).getByText('Vous la voyez encore, les autres non.').waitFor();
    assert.deepEqual(await violations(bob), []);
    assert.equal(await ada.getByRole('article', { name: 'Huit' }).count(), 0);
  });

  assert.deepEqual([...ada.faults, ...bob.faults], []);
});
