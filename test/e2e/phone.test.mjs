// A trainer's bar on a phone: one row, nothing hidden that is used every minute,
// and the rest in one menu; in a real browser.
import assert from 'node:assert/strict';
import test from 'node:test';
import { focus, join, launch, person, violations } from './browser.mjs';
import { Client, Product } from './product.mjs';
import { shape } from './walls.mjs';

test('a trainer’s bar takes one row on a phone, and its menu has the rest', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  await shape(trainer, { moderation: 'all', groups: 'separate' });
  for (const name of ['Aigles', 'Loups']) await trainer.send('POST', trainer.wall('/groups'), { name });
  const maker = await new Client(product, product.links.participants).enter('Noé');
  for (let i = 0; i < 12; i += 1) await maker.post({ title: `Idée ${i}` });
  for (const width of [390, 320]) {
    await t.test(`${width} pixels`, async () => {
      const eve = await person(browser, { viewport: { width, height: 568 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' });
      await join(eve, product.links.trainer, 'Eve');
      const more = eve.getByRole('button', { name: 'Plus d’actions' });
      await more.waitFor();
      await eve.getByRole('button', { name: /^Modération : 12/ }).waitFor();
      const row = async () => {
        const controls = [eve.getByRole('searchbox'), eve.getByRole('button', { name: /^Modération/ }), eve.getByRole('button', { name: 'Partager' }), more];
        const boxes = await Promise.all(controls.map((one) => one.boundingBox()));
        assert.ok(boxes.every(({ y, height }) => Math.abs(y + height / 2 - boxes[0].y - boxes[0].height / 2) < 4), `one row: ${JSON.stringify(boxes)}`);
        assert.ok(boxes.every(({ width: w, height }) => w >= 44 && height >= 44), `large enough: ${JSON.stringify(boxes)}`);
        assert.ok(boxes[0].width >= 72, 'there is room to search in');
        assert.ok(await eve.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'nothing scrolls sideways');
      };
      await row();
      assert.deepEqual(await violations(eve), []);

      await eve.getByRole('article', { name: 'Idée 11' }).getByRole('button', { name: /^Approuver/ }).click();
      await eve.getByRole('status').getByRole('button', { name: 'Fermer' }).click();
      await row();
      await more.click();
      for (const name of ['Vue liste', 'Sélectionner des publications', 'Loups']) await eve.getByRole('menuitemcheckbox', { name }).waitFor();
      for (const name of ['Diaporama', 'Personnes et groupes', 'Activité', 'Corbeille']) await eve.getByRole('menuitem', { name }).waitFor();
      assert.equal(await eve.getByRole('menuitemcheckbox', { name: 'Filtrer' }).count(), width < 360 ? 1 : 0);
      assert.deepEqual(await violations(eve), []);
      await eve.getByRole('menuitem', { name: /^Annuler.*approuvée/ }).click();
      await eve.getByRole('button', { name: /^Modération : 12/ }).waitFor();

      await more.click();
      await eve.getByRole('menuitem', { name: 'Activité' }).click();
      await eve.getByRole('dialog').locator('li[data-act]').first().waitFor();
      await eve.keyboard.press('Escape');
      await focus(eve, more); // It comes back.
      assert.deepEqual(eve.faults, []);
      await eve.context().close();
    });
  }
});
