// Walls with sections and posts, and what tests of layouts ask of them.

/** Changes the board's settings as a trainer does. */
export async function shape(trainer, settings) {
  const { board } = await trainer.snapshot();
  return trainer.send('PATCH', trainer.wall(), { settings }, { 'If-Match': `"${board.rev}"` });
}

/** Makes sections; gives their ids by title. */
export async function sections(trainer, ...all) {
  const ids = {};
  for (const one of all) {
    const fields = typeof one === 'string' ? { title: one } : one;
    ids[fields.title] = (await trainer.send('POST', trainer.wall('/sections'), fields)).id;
  }
  return ids;
}

export function section(client, id, changes) {
  return client.send('PATCH', client.wall(`/sections/${id}`), changes);
}

/** What a person reads, from the top: under each heading, the titles of its posts. */
export function read(page) {
  return page.evaluate(() => {
    const found = {};
    let under = '';
    for (const one of document.querySelectorAll('main h2, main article[data-post]')) {
      if (one.tagName === 'H2') under = one.textContent.trim();
      else (found[under] ??= []).push(one.querySelector('h3, h4')?.textContent.trim());
    }
    return found;
  });
}

/** Waits until a person reads just this. */
export async function reads(page, expected) {
  const wanted = JSON.stringify(expected);
  const end = Date.now() + Number(process.env.E2E_TIMEOUT ?? 20_000);
  for (;;) {
    const found = JSON.stringify(await read(page));
    if (found === wanted) return;
    if (Date.now() > end) throw new Error(`expected ${wanted}, the page has ${found}`);
    await new Promise((done) => { setTimeout(done, 50); });
  }
}
