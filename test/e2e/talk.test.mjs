// People say and give things to posts: live, by keyboard, on a phone, offline,
// and before the eyes of a trainer; in real browsers.
import assert from 'node:assert/strict';
import test from 'node:test';
import { focus, launch, open, violations } from './browser.mjs';
import { Client, Product, until } from './product.mjs';
import { shape } from './walls.mjs';

const card = (page, name) => page.locator('article[data-post]').filter({ has: page.getByRole('heading', { level: 3, name, exact: true }) });
const view = (page) => page.getByRole('dialog');
const comment = (page, text) => view(page).locator('article[data-comment]').filter({ hasText: text });

async function thread(page, name) {
  await card(page, name).getByRole('button', { name: /^Commenter|commentaires? :/ }).click();
  await view(page).getByRole('heading', { name: /commentaire/i }).waitFor();
}

async function say(page, text) {
  await view(page).getByRole('textbox', { name: 'Votre commentaire' }).fill(text);
  await view(page).getByRole('button', { name: 'Commenter', exact: true }).click();
}

async function menu(page, text, action) {
  await comment(page, text).getByRole('button', { name: /^Actions/ }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

/** A wall with a post, and its trainer by the API. */
async function wall(t, settings, ...titles) {
  const product = await Product.start(t);
  const browser = await launch(t);
  const trainer = await new Client(product, product.links.trainer).enter('Zoé');
  await shape(trainer, settings);
  const posts = [];
  for (const title of titles) posts.push(await trainer.post({ title }));
  return { product, browser, trainer, posts };
}

test('two people talk about a post, live', async (t) => {
  const { product, browser } = await wall(t, {}, 'Le cycle de l’eau');
  const ada = await open(browser, product.links.participants, 'Ada');
  const bob = await open(browser, product.links.participants, 'Bob', { viewport: { width: 390, height: 844 }, hasTouch: true });
  await thread(ada, 'Le cycle de l’eau');
  await view(ada).getByText('Personne n’a encore commenté').waitFor();
  await say(ada, 'Très **clair**.\n- un\n- deux');
  await comment(ada, 'Très clair').locator('li').nth(1).waitFor();
  await comment(ada, 'Très clair').locator('strong', { hasText: 'clair' }).waitFor();

  // The other sees the count on the card, reads and replies.
  await card(bob, 'Le cycle de l’eau').getByRole('button', { name: '1 commentaire : Le cycle de l’eau' }).waitFor();
  await thread(bob, 'Le cycle de l’eau');
  assert.deepEqual(await violations(bob), []);
  await comment(bob, 'Très clair').getByRole('button', { name: 'Répondre à Ada' }).click();
  const reply = view(bob).getByRole('textbox', { name: 'Répondre à Ada' });
  await focus(bob, reply);
  await reply.fill('Merci !');
  await reply.locator('xpath=ancestor::form').getByRole('button', { name: 'Commenter' }).click();
  await comment(ada, 'Merci !').waitFor();
  await view(ada).getByText('Nouveau commentaire de Bob.').waitFor({ state: 'attached' });
  await view(ada).getByRole('heading', { name: '2 commentaires' }).waitFor();
  assert.deepEqual(await violations(ada), []);

  // Changed and deleted, and the deletion undone, by whoever wrote it.
  assert.equal(await comment(ada, 'Merci !').getByRole('button', { name: /^Actions/ }).count(), 1);
  await menu(ada, 'Très clair', 'Modifier');
  const edit = view(ada).getByRole('textbox', { name: 'Modifier votre commentaire' });
  assert.match(await edit.inputValue(), /Très \*\*clair\*\*/);
  await edit.fill('Vraiment très clair.');
  await edit.press('Control+Enter');
  await comment(bob, 'Vraiment très clair.').getByText('modifié').waitFor();
  await menu(ada, 'Vraiment très clair.', 'Supprimer');
  await comment(bob, 'Vraiment').waitFor({ state: 'detached' });
  await view(bob).getByText('En réponse à un commentaire qui n’est plus là').waitFor();
  await ada.getByRole('button', { name: 'Annuler' }).click();
  await comment(bob, 'Vraiment très clair.').waitFor();
  assert.deepEqual([...ada.faults, ...bob.faults], []);
});

test('by keyboard alone: from the card to the thread, and back', async (t) => {
  const { product, browser } = await wall(t, { reactions: 'like' }, 'Un');
  const page = await open(browser, product.links.participants, 'Ada');
  const like = card(page, 'Un').getByRole('button', { name: /^J’aime/ });
  await like.focus();
  await page.keyboard.press('Enter');
  await card(page, 'Un').getByRole('button', { name: 'J’aime : 1 personne.', pressed: true }).waitFor();
  await focus(page, like);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const title = view(page).getByRole('heading', { name: '0 commentaire' });
  await title.waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent?.includes('commentaire'));
  await view(page).getByRole('textbox', { name: 'Votre commentaire' }).focus();
  await page.keyboard.type('Au clavier');
  await page.keyboard.press('Control+Enter');
  await comment(page, 'Au clavier').waitFor();
  // An arrow in the text is no step to another post, and what was begun is kept.
  await page.keyboard.type('Pas fini');
  await page.keyboard.press('ArrowLeft');
  await view(page).getByRole('heading', { name: '1 commentaire' }).waitFor();
  await page.keyboard.press('Escape');
  await view(page).waitFor({ state: 'detached' });
  await thread(page, 'Un');
  assert.equal(await view(page).getByRole('textbox', { name: 'Votre commentaire' }).inputValue(), 'Pas fini');
  assert.deepEqual(page.faults, []);
});

test('reactions: hearts, stars and a number of votes each', async (t) => {
  const { product, browser, trainer, posts } = await wall(t, { reactions: 'like' }, 'Un', 'Deux');
  const ada = await open(browser, product.links.participants, 'Ada');
  const bob = await open(browser, product.links.participants, 'Bob', { viewport: { width: 320, height: 640 }, hasTouch: true });
  const react = (page, name, label) => card(page, name).getByRole('button', { name: label });
  await react(ada, 'Un', /^J’aime/).click();
  await react(ada, 'Un', 'J’aime : 1 personne.').waitFor();
  await react(bob, 'Un', 'J’aime : 1 personne.').click();
  await react(ada, 'Un', 'J’aime : 2 personnes.').waitFor();
  await react(ada, 'Un', 'J’aime : 2 personnes.').click();
  await react(bob, 'Un', 'J’aime : 1 personne.').waitFor();
  assert.equal(await react(ada, 'Un', /^J’aime/).getAttribute('aria-pressed'), 'false');
  assert.equal(await react(bob, 'Un', /^J’aime/).getAttribute('aria-pressed'), 'true');

  // Another tab of the same person knows what they gave.
  const tab = await bob.context().newPage();
  await tab.goto(bob.url());
  await tab.locator('article[data-post]').getByRole('button', { name: /^J’aime/, pressed: true }).waitFor();
  await tab.close();

  await shape(trainer, { reactions: 'stars' });
  await react(ada, 'Un', /^Noter/).click();
  await ada.getByRole('menuitemcheckbox', { name: '4 étoiles' }).or(ada.getByRole('menuitemradio', { name: '4 étoiles' })).click();
  await react(bob, 'Un', 'Note : 4 sur 5, par 1 personne.').click();
  assert.deepEqual(await violations(bob), []);
  await bob.getByRole('menuitemcheckbox', { name: '1 étoile', exact: true }).or(bob.getByRole('menuitemradio', { name: '1 étoile', exact: true })).click();
  await react(ada, 'Un', 'Note : 2,5 sur 5, par 2 personnes. Votre note : 4.').waitFor();
  await react(ada, 'Un', /^Note/).click();
  await ada.getByRole('menuitem', { name: 'Retirer' }).click();
  await react(bob, 'Un', 'Note : 1 sur 5, par 1 personne. Votre note : 1.').waitFor();

  await shape(trainer, { reactions: 'votes', votesEach: 3, sort: 'reactions' });
  const give = async (page, name, label) => {
    await react(page, name, /vote/).click();
    await page.getByRole('menuitemcheckbox', { name: label }).or(page.getByRole('menuitemradio', { name: label })).click();
  };
  await react(ada, 'Deux', '0 vote.').waitFor();
  await give(ada, 'Deux', 'Donner 2 votes');
  await react(bob, 'Deux', '2 votes.').waitFor();
  await react(ada, 'Un', '0 vote.').click();
  await ada.getByRole('menu').getByText('Donner').first().waitFor();
  assert.equal(await ada.getByRole('menu').getByText('Donner').count(), 1, 'one vote is left');
  await ada.keyboard.press('Escape');
  // The wall goes by what was given.
  await give(bob, 'Un', 'Donner 3 votes');
  await ada.waitForFunction(() => document.querySelector('main article[data-post] h3')?.textContent === 'Un');
  const counts = (await trainer.snapshot()).counts;
  assert.deepEqual(counts.map(({ id, reactions }) => [id, reactions]).sort(), [[posts[0].id, 3], [posts[1].id, 2]].sort());
  assert.deepEqual(await violations(ada), []);
  assert.deepEqual([...ada.faults, ...bob.faults], []);
});

test('what is said and given offline waits, and goes when the network is back', async (t) => {
  const { product, browser, trainer, posts } = await wall(t, { reactions: 'like' }, 'Un');
  const page = await open(browser, product.links.participants, 'Ada');
  await thread(page, 'Un');
  await say(page, 'Avant la coupure');
  const said = async () => (await trainer.send('GET', trainer.wall(`/posts/${posts[0].id}/comments`))).comments.length;
  // It is shown before it is sent.
  await until((count) => count === 1, said);
  await comment(page, 'Avant la coupure').waitFor();
  await page.context().setOffline(true);
  await say(page, 'Pendant la coupure');
  await comment(page, 'Pendant la coupure').getByText('Pas encore envoyé').waitFor();
  await view(page).getByRole('button', { name: /^J’aime/ }).click();
  await view(page).getByRole('button', { name: 'J’aime : 1 personne.', pressed: true }).waitFor();
  assert.equal(await said(), 1);
  await page.context().setOffline(false);
  await comment(page, 'Pendant la coupure').getByText('Pas encore envoyé').waitFor({ state: 'detached' });
  await until(([count]) => count?.comments === 2 && count.reactions === 1, async () => (await trainer.snapshot()).counts);
});

test('a trainer looks at comments before the others, and at those that were reported', async (t) => {
  const { product, browser, trainer } = await wall(t, { moderation: 'all' }, 'Un');
  const eve = await open(browser, product.links.trainer, 'Eve');
  const ada = await open(browser, product.links.participants, 'Ada');
  const bob = await open(browser, product.links.participants, 'Bob');
  await thread(ada, 'Un');
  await thread(bob, 'Un');
  await say(ada, 'À relire');
  await comment(ada, 'À relire').getByText('L’animation le lit avant les autres.').waitFor();
  await eve.getByRole('button', { name: 'Modération : 1 à voir' }).click();
  const queue = eve.getByRole('dialog');
  const one = queue.getByRole('article', { name: 'commentaire de Ada sur « Un »' });
  await one.getByText('À relire').waitFor();
  assert.deepEqual(await violations(eve), []);
  assert.equal(await comment(bob, 'À relire').count(), 0);

  await one.getByRole('button', { name: /^Refuser/ }).click();
  const reason = eve.getByRole('dialog', { name: 'Refuser ce commentaire' });
  await reason.getByRole('textbox', { name: 'Motif' }).fill('Expliquez.');
  await reason.getByRole('button', { name: 'Refuser' }).click();
  await comment(ada, 'À relire').getByText('Motif : Expliquez.').waitFor();
  // Taken back, then approved by a key.
  await queue.getByRole('button', { name: 'Annuler' }).click();
  await one.focus();
  await eve.keyboard.press('a');
  await comment(bob, 'À relire').waitFor();
  await queue.getByText('Tout est vu').waitFor();

  await menu(bob, 'À relire', 'Signaler');
  const report = bob.getByRole('dialog', { name: 'Signaler ce commentaire' });
  await report.getByRole('textbox', { name: /Motif/ }).fill('Blessant');
  await report.getByRole('button', { name: 'Signaler' }).click();
  await view(bob).getByText('Signalé à l’animation. Merci.').waitFor();
  await one.getByText('« Blessant »').waitFor();
  await one.getByRole('button', { name: /^Signalements vus/ }).click();
  await queue.getByText('Tout est vu').waitFor();
  await queue.getByRole('button', { name: 'Fermer' }).click();

  // Deleted by the trainer, and brought back from the trash; all of it in the log.
  await thread(eve, 'Un');
  await menu(eve, 'À relire', 'Supprimer');
  await comment(bob, 'À relire').waitFor({ state: 'detached' });
  await view(eve).getByRole('button', { name: 'Fermer' }).first().click();
  await eve.getByRole('button', { name: /^(Animer|Plus d’actions)$/ }).click();
  await eve.getByRole('menuitem', { name: 'Corbeille' }).click();
  await view(eve).getByRole('button', { name: 'Rétablir : commentaire de Ada' }).click();
  await comment(bob, 'À relire').waitFor();
  await view(eve).getByRole('button', { name: 'Fermer' }).first().click();
  await eve.getByRole('button', { name: /^(Animer|Plus d’actions)$/ }).click();
  await eve.getByRole('menuitem', { name: 'Activité' }).click();
  await view(eve).getByText('Ada a commenté : « À relire ».').waitFor();
  await view(eve).getByText('Eve a rétabli le commentaire « À relire ».').waitFor();

  // Frozen, the wall takes none.
  await view(eve).getByRole('button', { name: 'Fermer' }).first().click();
  await shape(trainer, { freezeAt: new Date().toISOString() });
  await view(bob).getByText('Le mur est gelé : on ne commente plus pour l’instant.').waitFor();
  assert.deepEqual([...eve.faults, ...ada.faults, ...bob.faults].filter((f) => !/423/.test(f)), []);
});
