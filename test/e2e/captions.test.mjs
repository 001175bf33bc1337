// Captions: added in the composer, made harmless on the server, shown by the player.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { entitle, join, launch, person, phone, violations } from './browser.mjs';
import { attached, mp4, upload, wav } from './files.mjs';
import { Client, folder, Product, until } from './product.mjs';

const srt = '1\r\n00:00:00,000 --> 00:00:20,000\r\n<font color="red">Bonjour</font> à tous\r\n';
const hostile = 'WEBVTT\n\nSTYLE\n::cue { background: url(https://evil.example/x) }\n\n00:00.000 --> 00:20.000 region:x\n<script>alert(1)</script><img src=x onerror=alert(1)> Hello &lt;svg onload=alert(1)&gt;\n';
const file = (name, text) => ({ name, mimeType: '', buffer: Buffer.from(text) });

for (const [where, options] of [['at a desk', {}], ['on a phone, in the dark', { ...phone, colorScheme: 'dark' }]]) {
  test(`sounds and videos get captions ${where}`, async (t) => {
    const film = mp4(path.join(await folder(t), 'film.mp4'));
    if (!film) return t.skip('no ffmpeg here: no video is sent');
    const product = await Product.start(t);
    const browser = await launch(t);
    const [ada, bob] = [await person(browser, options), await person(browser, options)];
    await join(ada, product.links.participants, 'Ada');
    await join(bob, product.links.participants, 'Bob');

    await ada.getByRole('button', { name: 'Publier' }).last().click();
    const dialog = ada.getByRole('dialog', { name: 'Nouvelle publication' });
    await entitle(dialog, 'Un film');
    await dialog.getByLabel('Fichier', { exact: true }).setInputFiles([
      { name: 'film.mp4', mimeType: 'video/mp4', buffer: film },
      { name: 'note.wav', mimeType: 'audio/wav', buffer: wav(0.4) },
    ]);
    const add = async (of, given, language) => {
      const row = dialog.getByRole('listitem', { name: of });
      const group = row.getByRole('group', { name: 'Sous-titres' });
      if (language) await group.getByRole('combobox', { name: 'Langue' }).selectOption(language);
      await group.getByLabel('Ajouter des sous-titres').setInputFiles(given);
      return group;
    };
    const own = await add('film.mp4', file('film.srt', srt));
    await own.getByText('Sous-titres (français)').waitFor();
    await add('film.mp4', file('film.vtt', hostile), 'en');
    await add('note.wav', file('note.srt', srt));
    await add('note.wav', file('note.txt', 'Bonjour'));
    await dialog.getByText(/note\.txt n’est pas un fichier de sous-titres/).waitFor();
    const bad = await add('note.wav', file('vide.vtt', 'WEBVTT\n'), 'de');
    await bad.getByText(/Ce ne sont pas des sous-titres/).waitFor();
    assert.deepEqual(await violations(ada), []);
    await bad.getByRole('button', { name: 'Retirer les sous-titres (allemand)' }).click();
    assert.equal(await dialog.getByRole('list', { name: 'Contenus ajoutés' }).locator('> li').count(), 2, 'captions are no contents of their own');
    await dialog.getByRole('button', { name: 'Publier' }).click();
    await dialog.waitFor({ state: 'detached' });

    const article = bob.getByRole('article', { name: 'Un film' });
    const tracks = article.locator('video track');
    await tracks.nth(1).waitFor({ state: 'attached' });
    assert.deepEqual(await tracks.evaluateAll((all) => all.map((one) => [one.kind, one.srclang, one.label, one.default])), [
      ['captions', 'fr', 'français', false], ['captions', 'en', 'anglais', false],
    ]);

    await t.test('the words are shown, and nothing else that was in the file', async () => {
      const read = (n) => article.locator('video').evaluate(async (video, at) => {
        const { track } = video.querySelectorAll('track')[at];
        track.mode = 'showing';
        for (let tries = 0; tries < 100 && !track.cues?.length; tries += 1) await new Promise((done) => { setTimeout(done, 50); });
        return [...track.cues].map(({ text }) => text);
      }, n);
      assert.deepEqual(await read(0), ['Bonjour à tous']);
      assert.deepEqual(await read(1), ['alert(1) Hello &lt;svg onload=alert(1)&gt;']);
    });

    await t.test('they can be read without playing, of a sound as well', async () => {
      await article.getByLabel('Lire ce qui est dit (français) : note.wav').click();
      await article.getByText('00:00 Bonjour à tous').waitFor();
      assert.deepEqual(await violations(bob), []);
    });

    await t.test('who has them shown has them shown the next time', async () => {
      await bob.reload();
      await tracks.nth(1).waitFor({ state: 'attached' });
      assert.deepEqual(await tracks.evaluateAll((all) => all.map((one) => one.default)), [true, false]);
    });

    await t.test('an edit keeps them, and takes them out', async () => {
      await ada.getByRole('article', { name: 'Un film' }).getByRole('button', { name: /Actions/ }).click();
      await ada.getByRole('menuitem', { name: 'Modifier' }).click();
      const edit = ada.getByRole('dialog', { name: 'Modifier la publication' });
      await edit.getByRole('button', { name: 'Retirer les sous-titres (anglais)' }).click();
      await edit.getByRole('button', { name: 'Enregistrer' }).click();
      await edit.waitFor({ state: 'detached' });
      await until((n) => n === 1, () => tracks.count());
    });
    assert.deepEqual([...ada.faults, ...bob.faults], []);
  });
}

test('what is served is WebVTT that any page may read and none may run', async (t) => {
  const product = await Product.start(t);
  const ada = await new Client(product, product.links.participants).enter('Ada');
  const sound = await upload(ada, wav(0.4), 'audio/wav', 'note.wav');
  const words = await upload(ada, Buffer.from(hostile), 'text/vtt', 'note.vtt');
  const of = '01890000-0000-7000-8000-000000000001';
  await assert.rejects(ada.post({ title: 'x', attachments: [attached(words, { captionsOf: of, language: 'fr' })] }), /invalid_input/);
  await ada.post({ title: 'Note', attachments: [attached(sound, { id: of }), attached(words, { captionsOf: of, language: 'fr' })] });
  const media = await until((one) => one?.state === 'ready', async () => (await ada.snapshot()).media.find(({ id }) => id === words));
  const answer = await fetch(media.file.url);
  assert.equal(answer.headers.get('content-type'), 'text/vtt; charset=utf-8');
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.match(answer.headers.get('content-security-policy'), /sandbox/);
  assert.equal(await answer.text(), 'WEBVTT\n\n00:00:00.000 --> 00:00:20.000\nalert(1) Hello &lt;svg onload=alert(1)&gt;\n');
});
