// Links and players: previews that the server makes, players that wait to be asked.
import assert from 'node:assert/strict';
import test from 'node:test';
import { entitle, join, launch, person, phone, violations } from './browser.mjs';
import { providers, site } from './outside.mjs';
import { Client, Product, until } from './product.mjs';

const link = (url) => ({ type: 'link', url });
const card = (page, name) => page.locator('article[data-post]', { hasText: name });

test('a link is shown as its page says, and its page is asked by the server alone', async (t) => {
  const world = await site(t);
  const product = await Product.start(t, undefined, ['-preview-allow', world.address], { FRESQUE_PREVIEWS: 'yes' });
  const browser = await launch(t);
  const [ada, bob] = [await person(browser), await person(browser, phone)];
  await join(ada, product.links.participants, 'Ada');
  await join(bob, product.links.participants, 'Bob');

  await t.test('while it is written, as the card will be', async () => {
    await ada.getByRole('button', { name: 'Publier' }).first().click();
    const dialog = ada.getByRole('dialog');
    await entitle(dialog, 'À lire');
    await ada.getByRole('button', { name: 'Lien ou vidéo' }).click();
    await ada.getByLabel('Adresse de la page ou de la vidéo').fill(`${world.base}/volcans`);
    await ada.getByRole('button', { name: 'Ajouter' }).click();
    await dialog.getByRole('link', { name: /Les volcans d’Auvergne/ }).waitFor();
    await dialog.locator('a img').waitFor();
    assert.deepEqual(await violations(ada), []);
    await dialog.getByRole('button', { name: 'Aperçu' }).click();
    const whole = ada.locator('dialog article');
    await whole.getByText('Revue de géologie', { exact: false }).waitFor();
    await whole.locator('a img').waitFor();
    await ada.keyboard.press('Escape');
    await whole.waitFor({ state: 'detached' });
    await ada.getByRole('dialog').getByRole('button', { name: 'Publier' }).click();
  });

  await t.test('it arrives by itself, its picture from our own store, in a place of its size', async () => {
    for (const page of [ada, bob]) {
      const there = card(page, 'À lire').getByRole('link', { name: /Les volcans d’Auvergne.*Quatre-vingts/ });
      await there.waitFor();
      const picture = there.locator('img');
      await picture.scrollIntoViewIfNeeded();
      await page.waitForFunction((img) => img.complete && img.naturalWidth > 0, await picture.elementHandle());
      const { width, height } = await picture.boundingBox();
      assert.ok(width > 150 && Math.abs(width / height - 40 / 21) < 0.05, `${width} × ${height}`);
      assert.match(await picture.getAttribute('src'), /^http:\/\/localhost:\d+\/m\//);
      assert.equal(await there.getAttribute('href'), `${world.base}/volcans`);
    }
    assert.equal(world.asked.filter((one) => one.endsWith('/volcans')).length, 1);
  });

  await t.test('of a page that is not there, it is a plain link', async () => {
    const client = await new Client(product, product.links.participants).enter('Cléo');
    await client.post({ title: 'Deux liens', attachments: [link(`${world.base}/sans-image`), link(`${world.base}/nulle-part`), link('http://127.0.0.1:1/prive')] });
    const there = card(bob, 'Deux liens');
    await there.getByRole('link', { name: /Une page sans image/ }).waitFor();
    await there.getByRole('link', { name: /nulle-part/ }).waitFor();
    await there.getByRole('link', { name: /prive/ }).waitFor();
    assert.equal(await there.locator('img').count(), 0);
  });

  await t.test('nothing is wrong with it, in light and in dark', async () => {
    for (const scheme of ['light', 'dark']) {
      await bob.emulateMedia({ colorScheme: scheme });
      assert.deepEqual(await violations(bob), []);
    }
    await bob.setViewportSize({ width: 320, height: 700 });
    assert.deepEqual(await violations(bob), []);
    assert.ok(await bob.evaluate(() => document.documentElement.scrollWidth <= 320));
    for (const page of [ada, bob]) {
      assert.deepEqual(page.faults, []);
      assert.deepEqual(page.requests.filter((url) => url.includes(world.address)), []);
    }
  });
});

test('a preview outlives the death of the process that makes it', async (t) => {
  const world = await site(t);
  const product = await Product.start(t, undefined, ['-preview-allow', world.address], { FRESQUE_PREVIEWS: 'yes' });
  const client = await new Client(product, product.links.participants).enter('Cléo');
  const { attachments: [{ previewId }] } = await client.post({ title: 'À suivre', attachments: [link(`${world.base}/lente`)] });
  await until((asked) => asked.length > 0, () => world.asked, 60_000);
  await product.kill();
  world.pages['/lente'] = world.pages['/volcans'];
  await product.start();
  const again = await new Client(product, product.links.participants).enter('Cléo');
  const { link: page } = await until(Boolean, async () => (await again.snapshot()).media.find(({ id }) => id === previewId), 60_000);
  assert.equal(page.title, 'Les volcans d’Auvergne');
});

test('a player waits to be asked, and who is let in for good can be sent away', async (t) => {
  const world = await providers(t);
  const product = await Product.start(t, undefined, world.args, world.env);
  const client = await new Client(product, product.links.participants).enter('Cléo');
  await client.post({ title: 'Un film à voir', attachments: [link('https://youtu.be/dQw4w9WgXcQ?t=42')] });
  await client.post({ title: 'Sur PodÉduc', attachments: [link('https://podeduc.apps.education.fr/video/0042-les-volcans/')] });
  await client.post({ title: 'Sur invitation', attachments: [link('https://podeduc.apps.education.fr/video/0043-reservee/')] });
  const page = await person(await launch(t, world.chromium));
  await join(page, product.links.participants, 'Ada');
  const film = card(page, 'Un film à voir');
  const pod = card(page, 'Sur PodÉduc');

  await t.test('the card tells what it is, by our own copy of its poster', async () => {
    await film.getByText('Un film', { exact: true }).waitFor();
    await film.locator('img').waitFor();
    await film.getByText('Le contenu sera chargé depuis YouTube.').waitFor();
    await film.getByRole('link', { name: /Ouvrir dans YouTube/ }).waitFor();
    await pod.getByText('Les volcans, en vidéo').waitFor();
    await pod.getByRole('link', { name: /Ouvrir dans PodÉduc/ }).waitFor();
    // Whoever made it is named by its page, and not here.
    assert.equal(await page.getByText('Jeanne Martin').count(), 0);
    assert.deepEqual(await violations(page), []);
  });

  await t.test('of a video that is not for all, nothing is told but that', async () => {
    const reserved = card(page, 'Sur invitation');
    await reserved.getByText(/Réservée à certaines personnes/).waitFor();
    assert.equal(await page.getByText('Réservée et secrète').count(), 0);
    await reserved.getByRole('link', { name: /Ouvrir dans PodÉduc/ }).waitFor();
  });

  await t.test('nobody else has been asked for anything', () => {
    assert.deepEqual(world.framed.asked, []);
    assert.deepEqual(page.requests.filter((url) => !/^(http:\/\/localhost:|data:|blob:)/.test(url)), []);
    assert.ok(world.server.asked.length > 0);
  });

  await t.test('it plays from where its author said, and asks again next time', async () => {
    await film.getByRole('button', { name: 'Lire à 0:42' }).click();
    await page.frameLocator('iframe').getByText('Le lecteur').waitFor();
    assert.deepEqual(world.framed.asked.filter((one) => one.includes('/embed/')), ['www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=42']);
    await page.reload();
    await film.getByRole('button', { name: 'Lire à 0:42' }).waitFor();
    assert.equal(await page.locator('iframe').count(), 0);
  });

  await t.test('let in for good, it is there at once; sent away, it asks again', async () => {
    await film.getByRole('button', { name: 'Lire à 0:42' }).click();
    await film.getByRole('checkbox', { name: 'Toujours afficher YouTube sur cet appareil' }).check();
    await page.reload();
    await page.frameLocator('iframe').getByText('Le lecteur').waitFor();
    assert.equal(await page.locator('iframe').count(), 1); // YouTube's alone

    await page.getByRole('button', { name: 'Affichage' }).click();
    await page.getByRole('menuitem', { name: 'Lecteurs affichés sans demander' }).click();
    const dialog = page.getByRole('dialog', { name: 'Lecteurs affichés sans demander' });
    await dialog.getByText('www.youtube-nocookie.com').waitFor();
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Redemander avant d’afficher YouTube' }).click();
    await dialog.getByText('Aucun site n’est chargé').waitFor();
    await page.keyboard.press('Escape');
    const before = world.framed.asked.length;
    await page.reload();
    await film.getByRole('button', { name: 'Lire à 0:42' }).waitFor();
    assert.equal(await page.locator('iframe').count(), 0);
    assert.equal(world.framed.asked.length, before);
  });

  await t.test('a comment about a moment of a video goes there, once it was let in', async () => {
    await page.getByRole('link', { name: 'Sur PodÉduc', exact: true }).click();
    const view = page.getByRole('dialog', { name: 'Sur PodÉduc' });
    await view.getByRole('textbox', { name: /commentaire/i }).fill('Ici, la lave.');
    await view.getByLabel('À propos d’un moment (facultatif)').fill('1:30');
    await view.getByRole('button', { name: 'Commenter' }).click();
    await view.getByText('Ici, la lave.').waitFor();
    const before = world.framed.asked.length;
    await view.getByRole('button', { name: 'Lire à partir de 1:30' }).click();
    assert.equal(await view.locator('iframe').count(), 0);
    assert.equal(world.framed.asked.length, before);
    await view.getByRole('button', { name: 'Lire à 1:30' }).click();
    await view.locator('iframe[src$="is_iframe=true&start=90"]').waitFor();
    const asked = (path) => world.framed.asked.filter((one) => one.endsWith(path)).length;
    // The frame is there before its site has been asked.
    await until((count) => count > 0, () => asked('start=90'));
    assert.equal(asked('start=90'), 1);
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
  });

  await t.test('nothing was refused by the page’s policy', () => {
    assert.deepEqual(page.faults.filter((fault) => !/favicon|certificate/i.test(fault)), []);
  });
});
