// On paper: all posts, in the order of the wall, without what only a screen has;
// in a real browser.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { join, launch, person } from './browser.mjs';
import { Client, Product } from './product.mjs';
import { read, sections, shape } from './walls.mjs';

test('columns and the list are printed whole, from a desk and from a phone', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  const ids = await sections(trainer, { title: 'Ce que je sais', colour: 'teal' }, 'Ce que je veux savoir', 'Ce que j’ai appris');
  const expected = {};
  for (const [title, sectionId] of Object.entries(ids)) {
    for (let i = 0; i < 12; i += 1) {
      const name = `${title} ${i}`;
      await trainer.post({ title: name, body: `<p>${'Quelques mots pour dire une idée. '.repeat(1 + (i * 7) % 9)}</p>`, sectionId, colour: i % 3 ? '' : 'blue' });
      (expected[title] ??= []).unshift(name);
    }
  }
  await shape(trainer, { layout: 'columns' });
  for (const [name, screen] of Object.entries({
    desk: { viewport: { width: 1280, height: 800 } },
    phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  })) {
    await t.test(name, async () => {
      const eve = await person(browser, { reducedMotion: 'reduce', ...screen });
      await join(eve, product.links.trainer, 'Eve');
      for (const view of ['columns', 'list']) {
        if (view === 'list') {
          await eve.getByRole('button', { name: /^(Affichage|Plus d’actions)$/ }).click();
          await eve.getByRole('menuitemcheckbox', { name: 'Vue liste' }).click();
          await eve.locator('.list').waitFor();
        } else {
          await eve.getByRole('article', { name: 'Ce que je sais 11' }).waitFor();
        }
        const before = await read(eve);
        // As the browser does around a printing, on paper as wide as it comes.
        await eve.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
        await eve.emulateMedia({ media: 'print' });
        const printed = await read(eve);
        for (const title of Object.keys(expected)) {
          const found = Object.entries(printed).find(([heading]) => heading.startsWith(title))?.[1];
          assert.deepEqual(found, expected[title], `${view}: all of « ${title} »`);
        }
        const shown = (selector) => eve.locator(selector).evaluateAll((all) => all.filter((one) => one.getClientRects().length > 0).map((one) => one.textContent.trim()));
        assert.deepEqual(await shown('button, .skip-link, [role=tablist]'), [], `${view}: nothing to press on paper`);
        // What the browser had left out of its layout takes the style of paper a moment later.
        await eve.waitForFunction(() => getComputedStyle(document.querySelector('article time')).fontSize === '0px');
        const when = await eve.locator('article time').first().evaluate((e) => getComputedStyle(e, '::after').content);
        assert.match(when, /\d{4}/, 'a date, and no « now »');
        if (process.env.E2E_PICTURES) await writeFile(path.join(process.env.E2E_PICTURES, `print - ${view}, ${name}.pdf`), await eve.pdf({ format: 'A4' }));
        await eve.emulateMedia({ media: 'screen' });
        await eve.evaluate(() => window.dispatchEvent(new Event('afterprint')));
        if (view === 'columns') assert.deepEqual(Object.keys(await read(eve)), Object.keys(before), 'the wall is as it was');
      }
      assert.deepEqual(eve.faults, []);
    });
  }
});
