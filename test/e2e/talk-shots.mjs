import { chromium } from 'playwright-core';
import { Client, Product } from './product.mjs';
import { join, person } from './browser.mjs';
const cleanups = []; const t = { after: (f) => cleanups.push(f) };
const product = await Product.start(t);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu'] });
const trainer = await new Client(product, product.links.trainer).enter('Zoé Martin');
const set = async (settings) => { const { board } = await trainer.snapshot(); await trainer.send('PATCH', trainer.wall(''), { settings }, { 'If-Match': `"${board.rev}"` }); };
const scale = process.argv[2] ?? 'stars';
await set({ reactions: scale });
const ada = await new Client(product, product.links.participants).enter('Ada Lovelace');
const bob = await new Client(product, product.links.participants).enter('Bob');
const titles = ['Les énergies renouvelables', 'Un poème de Prévert', 'Le cycle de l’eau', 'Ma photo de la sortie'];
const posts = [];
for (const title of titles) posts.push(await ada.post({ title, body: '<p>Voici ce que nous avons trouvé avec le groupe. Dites-nous ce que vous en pensez.</p>', colour: title.includes('eau') ? 'blue' : '' }));
const v = scale === 'like' ? 1 : 2;
for (const p of posts.slice(1)) { await bob.send('PUT', bob.wall(`/posts/${p.id}/reaction`), { value: scale === 'votes' ? 1 : v }); }
await trainer.send('PUT', trainer.wall(`/posts/${posts[2].id}/reaction`), { value: scale === 'like' ? 1 : 3 });
const say = (who, p, body, more = {}) => who.send('POST', who.wall(`/posts/${p.id}/comments`), { body, ...more });
const c = await say(bob, posts[2], '<p>Très clair ! J’ai surtout aimé le schéma, on comprend <strong>tout de suite</strong> d’où vient la pluie.</p>');
await say(ada, posts[2], '<p>Merci Bob :) On l’a fait au tableau avec Inès.</p>', { replyTo: c.id });
await say(trainer, posts[2], '<p>Pensez à citer vos sources :</p><ul><li>le livre page 12</li><li><a href="https://example.org/eau">https://example.org/eau</a></li></ul>');
await say(bob, posts[1], '<p>Oui</p>');
for (const [w, h, scheme, coarse] of [[1280, 800, 'light'], [390, 844, 'light', true], [1280, 800, 'dark'], [390, 844, 'dark', true], [320, 640, 'light', true]]) {
  const page = await person(browser, { viewport: { width: w, height: h }, colorScheme: scheme, reducedMotion: 'reduce', hasTouch: !!coarse, isMobile: !!coarse });
  await join(page, product.links.participants, 'Camille');
  await page.waitForTimeout(900);
  await page.screenshot({ path: `/tmp/talk-shots/${scale}-wall-${w}-${scheme}.png` });
  const card = page.locator('article[data-post]').filter({ hasText: 'Le cycle de l’eau' });
  await card.getByRole('button', { name: /commentaire/ }).click();
  await page.getByRole('heading', { name: /commentaires/ }).waitFor();
  await page.waitForTimeout(600);
  await page.screenshot({ path: `/tmp/talk-shots/${scale}-thread-${w}-${scheme}.png` });
  console.log(w, scheme, page.faults);
  await page.context().close();
}
await browser.close();
for (const f of cleanups.reverse()) await f();
