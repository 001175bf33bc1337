// The main job, in real browsers: two people on one wall.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { entitle, join, launch, person, violations } from './browser.mjs';
import { folder, Product, samplePicture } from './product.mjs';

const pod = 'https://podeduc.apps.education.fr/video/0042-decouvrir/?autoplay=true';

/** The cards of the wall, in order, as people read them. */
const titles = (page) => page.getByRole('article').evaluateAll((cards) => cards.map((c) => c.querySelector('h2, h3')?.textContent?.trim()));

/** The editor learns of a selection from an event of the browser, which comes with the next frame. */
const settled = (page) => page.evaluate(() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(done));
}));

async function compose(page, fill) {
  await page.getByRole('button', { name: 'Publier' }).first().click();
  const dialog = page.getByRole('dialog');
  await fill(dialog);
  await dialog.getByRole('button', { name: 'Publier', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

test('two people post, edit and delete, and see each other at once', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const ada = await person(browser);
  const bob = await person(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await join(ada, product.links.participants, 'Ada');
  await join(bob, product.links.participants, 'Bob');

  await t.test('the secret leaves the address bar', () => {
    for (const page of [ada, bob]) assert.equal(new URL(page.url()).hash, '');
  });

  await t.test('a title with formatted text', async () => {
    await compose(ada, async (dialog) => {
      await entitle(dialog, 'Bonjour');
      const text = dialog.getByRole('textbox', { name: 'Texte' });
      await text.click();
      await ada.keyboard.press('Control+b');
      await ada.keyboard.type('gras');
      await ada.keyboard.press('Control+b');
      await ada.keyboard.type(' puis ');
      await ada.keyboard.press('Control+i');
      await ada.keyboard.type('italique');
      await ada.keyboard.press('Control+i');
      await ada.keyboard.press('Enter');
      await ada.keyboard.type('- un');
      await ada.keyboard.press('Enter');
      await ada.keyboard.type('deux');
      await ada.keyboard.press('Enter');
      await ada.keyboard.press('Enter');
      await ada.keyboard.type('le ministère');
      await ada.keyboard.press('Control+Shift+ArrowLeft');
      await settled(ada);
      await ada.keyboard.press('Control+k');
      await dialog.getByRole('textbox', { name: 'Adresse du lien' }).fill('https://www.education.gouv.fr/');
      await dialog.getByRole('button', { name: 'Appliquer' }).click();
    });
    for (const page of [ada, bob]) {
      const card = page.getByRole('article', { name: /Bonjour/ });
      await card.waitFor();
      assert.equal(await card.locator('strong').textContent(), 'gras');
      assert.equal(await card.locator('em').textContent(), 'italique');
      assert.deepEqual(await card.locator('li').allTextContents(), ['un', 'deux']);
      const link = card.getByRole('link', { name: /ministère/ });
      assert.equal(await link.getAttribute('href'), 'https://www.education.gouv.fr/');
      assert.match(await link.getAttribute('rel'), /noopener/);
    }
  });

  await t.test('a picture from the disk, a link and a PodÉduc video', async () => {
    const picture = samplePicture(path.join(await folder(t), 'photo.jpg'));
    await compose(ada, async (dialog) => {
      await entitle(dialog, 'Sortie');
      await dialog.getByLabel('Image', { exact: true }).setInputFiles(picture);
      await dialog.getByRole('textbox', { name: /Texte alternatif/ }).fill('Un paysage');
      for (const url of ['https://example.org/page', pod]) {
        await dialog.getByRole('button', { name: 'Lien ou vidéo' }).click();
        await dialog.getByRole('textbox', { name: /Adresse de la page/ }).fill(url);
        await dialog.getByRole('button', { name: 'Ajouter', exact: true }).click();
      }
    });
    for (const page of [ada, bob]) {
      const card = page.getByRole('article', { name: /Sortie/ });
      const image = card.getByRole('img', { name: 'Un paysage' });
      await image.waitFor();
      await image.scrollIntoViewIfNeeded();
      await page.waitForFunction((img) => img.complete && img.naturalWidth > 0, await image.elementHandle());
      const shown = await image.evaluate((img) => ({ url: img.currentSrc, width: img.width, height: img.height }));
      assert.notEqual(new URL(shown.url).origin, product.base, 'pictures come from an origin of their own');
      assert.ok(shown.height > shown.width, 'the orientation of the camera is applied');
      const file = await fetch(shown.url);
      const bytes = Buffer.from(await file.arrayBuffer());
      assert.equal(bytes.includes('Exif'), false, 'no EXIF is left');
      assert.match(file.headers.get('cache-control'), /immutable/);
      assert.equal(file.headers.get('x-content-type-options'), 'nosniff');
      await card.getByRole('link', { name: /example\.org/ }).first().waitFor();
    }
  });

  await t.test('a player is loaded only when somebody asks', async () => {
    const card = bob.getByRole('article', { name: /Sortie/ });
    assert.equal(await card.locator('iframe').count(), 0);
    const foreign = (page) => page.requests.filter((url) => new URL(url).hostname.endsWith('education.fr'));
    assert.deepEqual(foreign(bob), []);
    await card.getByRole('button', { name: /Lire la vidéo/ }).click();
    const frame = card.locator('iframe');
    await frame.waitFor();
    assert.equal(await frame.getAttribute('src'), 'https://podeduc.apps.education.fr/video/0042-decouvrir/?is_iframe=true');
    assert.match(await frame.getAttribute('sandbox'), /allow-scripts/);
    assert.doesNotMatch(await frame.getAttribute('sandbox'), /allow-top-navigation/);
  });

  await t.test('editing and deleting one’s own post, with undo', async () => {
    const mine = ada.getByRole('article', { name: /Bonjour/ });
    await mine.getByRole('button', { name: /Actions/ }).click();
    await ada.getByRole('menuitem', { name: 'Modifier' }).click();
    const dialog = ada.getByRole('dialog');
    await entitle(dialog, 'Bonsoir');
    await dialog.getByRole('button', { name: 'Enregistrer' }).click();
    await bob.getByRole('article', { name: /Bonsoir/ }).waitFor();
    await ada.getByRole('article', { name: /Bonsoir/ }).getByRole('button', { name: /Actions/ }).click();
    await ada.getByRole('menuitem', { name: 'Supprimer' }).click();
    await bob.getByRole('article', { name: /Bonsoir/ }).waitFor({ state: 'detached' });
    // What comes back waits for a reader who has scrolled on: Bob goes to the top.
    await bob.evaluate(() => globalThis.scrollTo(0, 0));
    await ada.getByRole('button', { name: 'Annuler', exact: true }).click();
    await bob.getByRole('article', { name: /Bonsoir/ }).waitFor();
  });

  await t.test('participants leave the posts of others alone, a trainer deletes them', async () => {
    await bob.getByRole('article', { name: /Bonsoir/ }).getByRole('button', { name: /Actions/ }).click();
    await bob.getByRole('menuitem', { name: 'Signaler' }).waitFor();
    for (const name of ['Modifier', 'Supprimer']) assert.equal(await bob.getByRole('menuitem', { name }).count(), 0, name);
    await bob.keyboard.press('Escape');
    const eve = await person(browser, { locale: 'en-GB' });
    await eve.goto(product.links.trainer);
    await eve.getByRole('textbox', { name: 'Your name' }).fill('Eve');
    await eve.getByRole('button', { name: 'Join the wall' }).click();
    const card = eve.getByRole('article', { name: /Bonsoir/ });
    await card.getByRole('button', { name: /Actions/ }).click();
    await eve.getByRole('menuitem', { name: 'Delete' }).click();
    for (const page of [ada, bob]) await page.getByRole('article', { name: /Bonsoir/ }).waitFor({ state: 'detached' });
    await compose(ada, (dialog) => entitle(dialog, 'Encore'));
    await eve.getByRole('article', { name: /Encore/ }).waitFor();
    assert.deepEqual(eve.faults, []);
  });

  await t.test('after a reload both show the same, without giving the name again', async () => {
    for (const page of [ada, bob]) {
      await page.reload();
      await page.getByRole('article', { name: /Encore/ }).waitFor();
    }
    assert.deepEqual(await titles(ada), await titles(bob));
  });

  await t.test('nothing is wrong with the pages', async () => {
    const own = new Set(product.ports.map(String));
    for (const page of [ada, bob]) {
      assert.deepEqual(page.faults.filter((f) => !/podeduc|ERR_/.test(f)), []);
      const elsewhere = page.requests.filter((u) => u.startsWith('http') && !own.has(new URL(u).port));
      assert.deepEqual(elsewhere.filter((u) => page === ada || !u.includes('podeduc')), [], 'no third party is asked');
      assert.deepEqual(await violations(page), []);
    }
  });
});
