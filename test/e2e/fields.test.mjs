// What a post is made of besides its words: section, colour, and what the
// board asks for, told before anything is sent.
import assert from 'node:assert/strict';
import test from 'node:test';
import { entitle, join, launch, person, violations } from './browser.mjs';
import { Client, Product } from './product.mjs';

test('a participant writes what the board asks for', async (t) => {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Eve');
  const section = (title, more = {}) => trainer.send('POST', trainer.wall('/sections'), { title, ...more });
  const ideas = await section('Idées');
  const questions = await section('Questions');
  await section('Fermée', { locked: true });
  const settings = async (change) => {
    const { board } = await trainer.snapshot();
    await trainer.send('PATCH', trainer.wall(), { settings: change }, { 'If-Match': `"${board.rev}"` });
  };
  await settings({ required: ['title', 'section'], maxLength: 20, kinds: ['link'], postsEach: 2 });

  const ada = await person(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await join(ada, product.links.participants, 'Ada');
  const dialog = ada.getByRole('dialog');
  const publish = () => dialog.getByRole('button', { name: 'Publier', exact: true }).click();
  const compose = () => ada.getByRole('button', { name: 'Publier' }).last().click();
  const posts = async () => (await trainer.snapshot()).posts;

  await t.test('what is required is marked, checked and said in words', async () => {
    await compose();
    await dialog.getByText('Vous pouvez encore ajouter 2 publications ici (2 au plus par personne).').waitFor();
    await dialog.getByRole('textbox', { name: 'Titre (obligatoire)' }).waitFor();
    assert.equal(await dialog.getByText('Image', { exact: true }).count(), 0, 'pictures are not taken here');
    const text = dialog.getByRole('textbox', { name: 'Texte' });
    await text.click();
    await ada.keyboard.type('Un texte bien trop long');
    await dialog.getByText('23 sur 20 caractères').waitFor();
    await publish();
    await dialog.getByText('Écrivez un titre : ce mur en demande un.').waitFor();
    await dialog.getByText('Choisissez une section : ce mur en demande une.').waitFor();
    await dialog.getByText('Le texte dépasse de 3 caractères : raccourcissez-le.').waitFor();
    assert.deepEqual(await violations(ada), []);
    const select = dialog.getByRole('combobox', { name: 'Section (obligatoire)' });
    assert.deepEqual(await select.getByRole('option').allTextContents().then((all) => all.map((one) => one.trim())), ['Choisissez une section', 'Idées', 'Questions']);
    await select.selectOption('Questions');
    await entitle(dialog, 'Bonjour');
    await text.fill('Un texte court');
    await dialog.getByRole('button', { name: 'Couleur' }).click();
    await dialog.getByRole('radio', { name: 'bleu' }).check();
    await publish();
    await ada.getByRole('article', { name: /Bonjour/ }).waitFor();
    const [post] = await posts();
    assert.equal(post.sectionId, questions.id);
    assert.equal(post.colour, 'blue');
  });

  await t.test('an edit changes section and colour', async () => {
    const card = ada.getByRole('article', { name: /Bonjour/ });
    await card.getByRole('button', { name: /Actions/ }).click();
    await ada.getByRole('menuitem', { name: 'Modifier' }).click();
    await dialog.getByRole('combobox', { name: /Section/ }).selectOption('Idées');
    await dialog.getByRole('radio', { name: 'sans couleur' }).check();
    await dialog.getByRole('button', { name: 'Enregistrer' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const deadline = Date.now() + 20_000;
    let post;
    do [post] = await posts(); while (post.sectionId !== ideas.id && Date.now() < deadline);
    assert.equal(post.sectionId, ideas.id);
    assert.equal(post.colour ?? '', '');
  });

  await t.test('whoever has all the posts they may is told before writing', async () => {
    await compose();
    await dialog.getByText('Vous pouvez encore ajouter 1 publication ici (2 au plus par personne).').waitFor();
    await entitle(dialog, 'Encore');
    await dialog.getByRole('combobox', { name: /Section/ }).selectOption('Idées');
    await publish();
    await ada.getByRole('article', { name: /Encore/ }).waitFor();
    await compose();
    await dialog.getByText(/Vous avez déjà 2 publications, le maximum ici/).waitFor();
    await dialog.getByRole('button', { name: 'Fermer' }).click();
  });

  await t.test('colours go where the board has none', async () => {
    await settings({ plainPosts: true, postsEach: 0 });
    await compose();
    await dialog.getByRole('textbox', { name: 'Titre' }).waitFor();
    await dialog.getByRole('button', { name: 'Couleur' }).waitFor({ state: 'detached' });
    assert.equal(await dialog.getByRole('radio').count(), 0);
  });
  assert.deepEqual(ada.faults, []);
});
