// Measures how fluid a wall of 5,000 posts is: frames a second in every layout,
// at 1280 and 390 pixels, with the processor slowed four times and 20 posts a
// second arriving, while nobody touches it and while it scrolls. `make bench-web`
// runs it; it prints a table for docs/performance.md. Beside each figure stands
// what an empty page reaches at the same moment: on a busy machine only their
// ratio says anything. BENCH_POSTS=500 is a try-out, BENCH_LAYOUTS=list,columns a part.
import os from 'node:os';
import { join, launch, person } from './browser.mjs';
import { Client, Product } from './product.mjs';
import { sections, shape } from './walls.mjs';

const POSTS = Number(process.env.BENCH_POSTS ?? 5_000);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 6);
const EVERY_MS = 50;
const SLOWED = 4;
const COLOURS = ['blue', 'green', 'purple', 'orange', 'teal', 'pink'];
const TEXT = 'Une évaluation par compétences partagée avec les familles évite bien des malentendus. À retenir : penser aux élèves dyslexiques, police lisible, interligne large, pas de texte justifié. ';

const endings = [];
const scope = { after: (end) => endings.push(end) };

/** Frames a second, and the longest pause in milliseconds. */
const measure = (page, scrolls) => page.evaluate(async ([seconds, scrolls_]) => {
  const begin = performance.now();
  const box = document.querySelector('.posts') ?? window;
  let [frames, longest, last] = [0, 0, begin];
  await new Promise((done) => {
    const tick = (now) => {
      frames += 1;
      longest = Math.max(longest, now - last);
      last = now;
      if (scrolls_) box.scrollBy(0, 18);
      if (now < begin + seconds * 1000) requestAnimationFrame(tick);
      else done();
    };
    requestAnimationFrame(tick);
  });
  return { fps: frames / seconds, longest: Math.round(longest) };
}, [SECONDS, scrolls]);

async function slowed(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWED });
  return session;
}

async function empty(browser, screen) {
  const page = await person(browser, screen);
  await page.goto('about:blank');
  await slowed(page);
  const { fps } = await measure(page, false);
  await page.context().close();
  return fps;
}

try {
  const product = await Product.start(scope);
  const browser = await launch(scope);
  const eve = await new Client(product, product.links.trainer).enter('Eve');
  const ids = Object.values(await sections(eve, ...COLOURS.map((colour, i) => ({ title: `Section ${i + 1}`, colour }))));
  let made = 0;
  const make = () => {
    const i = made++;
    return eve.post({ title: `Publication ${i}`, body: `<p>${TEXT.slice(0, 40 + (i * 37) % 160)}</p>`, sectionId: ids[i % ids.length] });
  };
  await Promise.all(Array.from({ length: 24 }, async () => { while (made < POSTS) await make(); }));
  const round = (n) => n.toFixed(1);
  console.log(`${POSTS} posts, ${1000 / EVERY_MS} more a second, processor slowed ${SLOWED} times, ${SECONDS} s each; load of the machine ${round(os.loadavg()[0])} on ${os.cpus().length} cores.\n`);
  console.log('| layout | screen | frames/s, still | longest pause, ms | frames/s, scrolling | longest pause, ms | empty page, frames/s | ratio, still | ratio, scrolling |');
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const layout of (process.env.BENCH_LAYOUTS ?? 'wall,columns,stream,list').split(',')) {
    if (layout !== 'list') await shape(eve, { layout });
    for (const [name, screen] of [['1280', { viewport: { width: 1280, height: 800 } }], ['390', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }]]) {
      const floor = await empty(browser, screen);
      const page = await person(browser, screen);
      page.setDefaultTimeout(120_000);
      if (layout === 'list') await page.addInitScript(() => localStorage.setItem('fresque.view', 'list'));
      await join(page, product.links.participants, 'Bob');
      await page.locator('[data-post]').first().waitFor();
      await slowed(page);
      await page.waitForTimeout(3_000);
      let on = true;
      const flow = (async () => {
        while (on) {
          const at = Date.now();
          void make().catch(() => {});
          await new Promise((next) => { setTimeout(next, Math.max(0, EVERY_MS - (Date.now() - at))); });
        }
      })();
      const still = await measure(page, false);
      const scrolling = await measure(page, true);
      on = false;
      await flow;
      console.log(`| ${layout} | ${name} | ${round(still.fps)} | ${still.longest} | ${round(scrolling.fps)} | ${scrolling.longest} | ${round(floor)} | ${(still.fps / floor).toFixed(2)} | ${(scrolling.fps / floor).toFixed(2)} |`);
      await page.context().close();
    }
  }
} finally {
  for (const end of endings.reverse()) await end();
}
