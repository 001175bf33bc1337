// A real browser, and what people do in it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Chromium from the system; it goes when the test ends. */
export async function launch(t, args = []) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      ...args,
    ],
  });
  t.after(() => browser.close());
  return browser;
}

/** The screen of a phone, for `person`. */
export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/**
 * A person with a browser of their own. Whatever the page complains about
 * (errors, refused by its policy, requests to other hosts) is kept in `faults`.
 */
export async function person(browser, options = {}) {
  const context = await browser.newContext({ locale: 'fr-FR', viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(Number(process.env.E2E_TIMEOUT ?? 20_000));
  page.faults = [];
  page.requests = [];
  page.on('pageerror', (e) => page.faults.push(String(e)));
  page.on('console', (m) => { if (m.type() === 'error') page.faults.push(m.text()); });
  page.on('request', (r) => page.requests.push(r.url()));
  return page;
}

/** Opens a link and gives a name. */
export async function join(page, link, name) {
  await page.goto(link);
  await page.getByRole('textbox', { name: 'Votre nom' }).fill(name);
  await page.getByRole('button', { name: 'Rejoindre le mur' }).click();
  await page.getByText('En direct').first().waitFor();
}

/** A person who has joined by a link, and whom nothing that moves keeps waiting. */
export async function open(browser, link, name, options) {
  const page = await person(browser, { reducedMotion: 'reduce', ...options });
  await join(page, link, name);
  return page;
}

/** The field of a post's title in the composer, asked for where it is not there. */
export async function title(dialog) {
  const field = dialog.getByRole('textbox', { name: /^Titre/ });
  await dialog.getByRole('textbox', { name: /^Texte/ }).waitFor();
  if (await field.count() === 0) await dialog.getByRole('button', { name: 'Titre', exact: true }).click();
  return field;
}

/** Gives a post in the composer its title. */
export async function entitle(dialog, words) {
  await (await title(dialog)).fill(words);
}

/** Waits until something has the focus. */
export const focus = (page, one) => one.and(page.locator(':focus')).waitFor();

/** What axe finds on the page as it stands, or in one of its frames. */
export async function violations(page, frame = page) {
  // The page's own policy forbids injected scripts; axe comes in beside it.
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setBypassCSP', { enabled: true });
  await frame.evaluate(axe);
  const found = await look(frame);
  // What began to fade in meanwhile is judged once it stands: a fault is there still.
  return found.some((one) => one.startsWith('color-contrast')) ? look(frame) : found;
}

async function look(frame) {
  // What is still fading in has no colours to judge.
  await frame.evaluate(() => Promise.allSettled(document.getAnimations()
    .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished)));
  const { violations: found } = await frame.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return found.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target.join(' ')).join('; ')})`);
}
