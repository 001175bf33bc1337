// The plugin in a real Moodle, with a real Fresque and a real browser (docs/moodle.md says
// how to run it). Each part begins with what the part before has left.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { launch, person } from '../e2e/browser.mjs';
import { root, until } from '../e2e/product.mjs';
import { dir, Moodle, signIn } from './moodle.mjs';

const pictures = path.join(root, 'test/results/moodle');

test('the activity in Moodle', { skip: dir ? false : 'MOODLE_DIR names no installed Moodle' }, async (t) => {
  const moodle = await Moodle.start(t);
  const browser = await launch(t);
  const who = await moodle.site('course');
  const found = async (about) => (await moodle.site('check', about)).findings;
  const worst = async (about) => (await found(about)).find((one) => one.bad)?.words ?? '';
  await mkdir(pictures, { recursive: true });
  const picture = (page, name) => page.screenshot({ path: path.join(pictures, `${name}.png`) });

  const pages = {};
  /** One part; of one that fails there are pictures of who was where. */
  const part = (name, run) => t.test(name, async () => {
    try {
      await run();
    } catch (e) {
      for (const [whose, page] of Object.entries(pages)) await picture(page, `failed-${whose}`);
      throw e;
    }
  });

  await part('the connection test finds nothing to mend', async () => {
    const check = await moodle.site('check');
    assert.deepEqual([check.well, check.findings.filter((one) => !one.ok).map((one) => one.words)], [true, []]);
  });

  await part('the connection test says what to mend', async () => {
    const { product } = moodle;
    const host = (settings) => moodle.site('configure', { '': settings });
    await host({ curlsecurityallowedport: '80\n443' });
    assert.match(await worst(), new RegExp(`refuses to call port ${product.ports[0]}`));
    await host({ curlsecurityallowedport: '', curlsecurityblockedhosts: '127.0.0.0/8' });
    await moodle.settings({ address: product.base.replace('localhost', '127.0.0.1') });
    assert.match(await worst(), /refuses to call 127\.0\.0\.1/);
    await host({ curlsecurityblockedhosts: '' });
    await moodle.settings({ address: 'http://no-such-host.invalid' });
    assert.match(await worst(), /no server called no-such-host\.invalid/);
    await moodle.settings({ address: 'http://127.0.0.1:1' });
    assert.match(await worst(), /Nothing answers at 127\.0\.0\.1, port 1/);
    await moodle.settings({ address: product.base.replace('http:', 'https:') });
    assert.match(await worst(), /secure connection to localhost fails/);
    await moodle.settings({ address: moodle.base });
    assert.match(await worst(), /it is no Fresque service/);
    await moodle.settings({ address: product.base, platform: '01980000-0000-7000-8000-00000000abcd' });
    assert.match(await worst(), /does not know this site/);
    await moodle.settings({ platform: moodle.platform });
    assert.match(await worst({ ahead: 120 }), /off by 1(19|20|21) seconds/);
    assert.match(await worst({ ahead: -500 }), /off by \d+ seconds/);
    await moodle.operator('PATCH', `/platforms/${moodle.platform}`, { origins: ['https://elsewhere.example'] });
    assert.match(await worst(), /may not be shown in pages of this site/);
    const [{ kid: fingerprint }] = (await (await fetch(`${moodle.base}/mod/fresque/jwks.php`)).json()).keys;
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
    await moodle.operator('PATCH', `/platforms/${moodle.platform}`, { keysUrl: '', keys: JSON.stringify({ keys: [{ ...other, kid: 'other' }] }) });
    const wrong = (await found()).find((one) => one.bad);
    assert.match(wrong.words, /does not know the key/);
    assert.ok(wrong.words.includes(fingerprint), 'the fingerprint is not told');
    await moodle.connect({ keys: '' });
    assert.equal(await worst(), '');
    // A new key interrupts nothing: it is published before it signs.
    assert.equal((await moodle.site('keyring')).fingerprint, fingerprint);
    assert.equal(await worst(), '');
    assert.ok((await (await fetch(`${moodle.base}/mod/fresque/jwks.php`)).json()).keys.length >= 2);
  });

  const admin = await signIn(await person(browser), moodle, 'admin', 'Admin-1234');
  await admin.goto(`${moodle.base}/mod/fresque/connection.php`);
  await admin.getByText('This site and the service understand each other.').waitFor();
  await picture(admin, 'connection-1280');

  const teacher = await signIn(await person(browser, { locale: 'en-GB' }), moodle, 'teacher');
  pages.teacher = teacher;
  let cm;
  await part('a teacher makes an activity with its form, and is on its wall', async () => {
    await teacher.goto(`${moodle.base}/course/modedit.php?add=fresque&type=&course=${who.course}&section=1&return=0`);
    await teacher.getByRole('textbox', { name: 'Name' }).fill('Bonjour');
    await teacher.getByRole('combobox', { name: 'Layout' }).selectOption('stream');
    await teacher.locator('a[href="#id_activitycompletionheadercontainer"]').click();
    await teacher.getByText('Add requirements').click();
    await teacher.locator('#id_completionpostsenabled').check();
    await teacher.locator('#id_completionpeersenabled').check();
    await teacher.locator('a[href="#id_modstandardgradecontainer"]').click();
    await teacher.locator('#id_grade_modgrade_type').selectOption('point');
    await teacher.locator('#id_grade_modgrade_point').fill('20');
    await picture(teacher, 'form-1280');
    await teacher.getByRole('button', { name: 'Save and display' }).click();
    const frame = teacher.frameLocator('iframe.mod_fresque-frame');
    await frame.getByText('Live').first().waitFor();
    cm = Number(new URL(teacher.url()).searchParams.get('id'));
    const kept = await moodle.site('read', { cm });
    assert.deepEqual([kept.layout, kept.completionposts, kept.completionpeers, kept.completionwords, kept.grade, kept.gradeby], ['stream', '1', '1', '0', '20', '2']);
    const frames = await teacher.locator('iframe.mod_fresque-frame').evaluate((one) => ({ allow: one.allow, referrer: one.referrerPolicy, height: one.clientHeight }));
    assert.equal(frames.allow, 'fullscreen; microphone; camera; clipboard-write');
    assert.ok(frames.height >= 600 && frames.height <= 800, `the frame is ${frames.height} high`);
    await picture(teacher, 'view-1280');
  });

  const ada = await signIn(await person(browser, { locale: 'en-GB', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }), moodle, 'ada');
  pages.ada = ada;
  await part('a student posts on it, in the frame', async () => {
    await ada.goto(`${moodle.base}/mod/fresque/view.php?id=${cm}`);
    const frame = ada.frameLocator('iframe.mod_fresque-frame');
    await frame.getByText('Live').first().waitFor();
    await frame.getByRole('button', { name: 'Post' }).first().click();
    await frame.getByRole('dialog').getByRole('button', { name: 'Title', exact: true }).click();
    await frame.getByRole('dialog').getByRole('textbox', { name: /^Title/ }).fill('Le premier mot');
    await picture(ada, 'composer-390');
    await frame.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).click();
    await frame.getByRole('heading', { name: 'Le premier mot' }).waitFor();
    await picture(ada, 'view-390');
    await teacher.frameLocator('iframe.mod_fresque-frame').getByRole('heading', { name: 'Le premier mot' }).waitFor();
  });

  await part('the wall opens in a tab of its own too, by a ticket that nobody sees', async () => {
    const page = await ada.context().newPage();
    await page.goto(`${moodle.base}/mod/fresque/open.php?id=${cm}`);
    await page.getByRole('heading', { name: 'Le premier mot' }).waitFor();
    assert.equal(new URL(page.url()).origin, moodle.product.base);
    await page.close();
  });

  const standing = (user, at = cm) => moodle.site('standing', { cm: at, user });
  await part('completion and grade follow what people did, as the service tells it', async () => {
    // A post is half of what is asked for.
    await until((now) => now.grade === 10, () => standing(who.ada));
    const bob = await moodle.on(cm, who.bob);
    await bob.post('Le deuxième mot');
    const { posts } = await bob.send('GET', '/snapshot');
    await bob.comment(posts.find((one) => one.title === 'Le premier mot').id, 'Merci beaucoup');
    await until((now) => now.complete && now.grade === 20, () => standing(who.bob));
    assert.deepEqual([(await standing(who.ada)).complete, (await standing(who.teacher)).grade], [false, null]);
  });

  await part('what is deleted counts no more, and what a webhook missed is asked for', async () => {
    await moodle.operator('PATCH', `/platforms/${moodle.platform}`, { webhook: '' });
    const trainer = await moodle.on(cm, who.teacher);
    const { posts } = await trainer.send('GET', '/snapshot');
    const second = posts.find((one) => one.title === 'Le deuxième mot');
    await trainer.send('DELETE', `/posts/${second.id}`, undefined, { 'If-Match': `"${second.rev}"` });
    await until((now) => !now.complete && now.grade === 10, async () => {
      await moodle.site('background', { participation: true });
      return standing(who.bob);
    });
    await moodle.connect();
  });

  await part('a webhook that is forged, old or of others changes nothing', async () => {
    const { board } = await moodle.site('read', { cm });
    const { counts } = await standing(who.ada);
    const ref = (await moodle.site('reference', { user: who.ada })).ref;
    const data = { platform: moodle.platform, board, user: ref, posts: 99, comments: 0, peers: 0, words: 0, reactions: 0, changedAt: new Date(Date.now() + 1000).toISOString() };
    assert.equal(await moodle.webhook(data, { secret: `whsec_${Buffer.alloc(32).toString('base64')}` }), 401);
    assert.equal(await moodle.webhook(data, { at: Math.floor(Date.now() / 1000) - 900 }), 401);
    assert.equal(await moodle.webhook({ ...data, platform: 'another' }), 204);
    assert.equal(await moodle.webhook({ ...data, changedAt: '2020-01-01T00:00:00Z' }), 204);
    assert.deepEqual((await standing(who.ada)).counts, counts);
    assert.equal((await fetch(`${moodle.base}/mod/fresque/webhook.php`)).status, 405);
    // Of an activity without a course module nothing is made, and it is in nobody's way.
    const orphan = await moodle.site('orphan', { cm });
    assert.equal(await moodle.webhook(data), 204);
    await moodle.site('orphan_gone', orphan);
    assert.equal((await standing(who.ada)).counts.posts, '99');
    // And back, by what the service says.
    await moodle.site('ask_again', { cm });
    assert.equal((await standing(who.ada)).counts.posts, '1');
  });

  await part('posts can be asked for in each section of the wall, on its copies too', async () => {
    const { cm: parted } = await moodle.site('activity', { course: who.course, name: 'En sections' });
    const trainer = await moodle.on(parted, who.teacher);
    const ideas = await trainer.send('POST', '/sections', { title: 'Idées & « envies »' });
    await teacher.goto(`${moodle.base}/course/modedit.php?update=${parted}`);
    await teacher.locator('a[href="#id_activitycompletionheadercontainer"]').click();
    await teacher.getByText('Add requirements').click();
    await teacher.getByText('Post in “Idées & « envies »”, at least this many times:').waitFor();
    const field = `#id_completionsection${ideas.id.replaceAll('-', '')}`;
    await teacher.locator(`${field}enabled`).check();
    await teacher.locator(field).fill('2');
    await picture(teacher, 'form-sections-1280');
    await teacher.getByRole('button', { name: 'Save and display' }).click();
    await teacher.frameLocator('iframe.mod_fresque-frame').getByText('Live').first().waitFor();
    await until((rules) => rules?.length === 1 && rules[0].section === ideas.id, async () => (await trainer.send('GET', '/snapshot')).board.completion?.rules);
    await teacher.goto(`${moodle.base}/course/view.php?id=${who.course}`);
    // What is in the menu of an activity is there before it opens.
    await teacher.getByText('Post in sections: Idées & « envies » (2)').first().waitFor({ state: 'attached' });
    await teacher.goto(`${moodle.base}/course/modedit.php?update=${parted}`);
    assert.equal(await teacher.locator(field).inputValue(), '2');
    const bob = await moodle.on(parted, who.bob);
    await bob.send('POST', '/posts', { title: 'Dehors' });
    await bob.send('POST', '/posts', { title: 'Un', sectionId: ideas.id });
    await bob.send('POST', '/posts', { title: 'Deux', sectionId: ideas.id });
    await until((now) => now.complete, () => standing(who.bob, parted));
    const { cm: twin } = await moodle.site('duplicate', { cm: parted });
    await moodle.site('background');
    const { board, sections } = await moodle.site('board', { board: (await moodle.site('read', { cm: twin })).board });
    assert.deepEqual(board.completion.rules, [{ measure: 'posts', section: sections[0].id, least: 2 }]);
    assert.notEqual(sections[0].id, ideas.id);
    const [kept] = JSON.parse((await moodle.site('read', { cm: twin })).completionsections);
    assert.deepEqual(kept, { id: sections[0].id, title: 'Idées & « envies »', least: 2 });
    for (const one of [parted, twin]) await moodle.site('delete', { cm: one, quiet: true });
    await moodle.site('background');
  });

  await part('the other pages of Moodle know the activity', async () => {
    const { course } = who;
    for (const [where, says] of [
      [`mod/fresque/index.php?id=${course}`, 'Bonjour'],
      [`course/modedit.php?update=${cm}`, 'Comment on posts of this many other people'],
      [`course/reset.php?id=${course}`, 'Delete all posts, comments and reactions'],
      [`course/defaultcompletion.php?id=${course}`, 'Wall (Fresque)'],
      [`course/view.php?id=${course}`, 'Bonjour'],
      [`grade/report/grader/index.php?id=${course}`, 'Bonjour'],
      [`report/progress/index.php?course=${course}`, 'Bonjour'],
      [`report/log/index.php?chooselog=1&id=${course}&modid=${cm}`, 'Course module viewed'],
    ]) {
      await teacher.goto(`${moodle.base}/${where}`);
      const text = await teacher.locator('body').innerText();
      assert.ok((await teacher.content()).includes(says), `${where} does not say ${says}: ${text.slice(0, 500)}`);
      assert.doesNotMatch(text, /Exception|error\/|\[\[(?!autosort)/, where);
    }
  });

  await part('the mobile app and other programs get what they need', async () => {
    const out = await moodle.site('outside', { cm, user: who.bob });
    assert.deepEqual([out.viewed.status, out.compliant, out.schema], [true, true, []]);
    assert.ok(out.ticket.url.startsWith(`${moodle.product.base}/w/`));
    assert.match(out.mobile, new RegExp(`href="${moodle.base}/mod/fresque/open.php\\?id=${cm}"`));
  });

  await part('in separate groups each sees their own, and a change of groups is followed', async () => {
    const { cm: grouped } = await moodle.site('activity', { course: who.course, name: 'Groupes', groupmode: 1 });
    const ofAda = await moodle.on(grouped, who.ada);
    const ofBob = await moodle.on(grouped, who.bob);
    await ofAda.post('Rouge');
    await ofBob.post('Bleu');
    assert.deepEqual([await ofAda.titles(), await ofBob.titles()], [['Rouge'], ['Bleu']]);
    assert.deepEqual(await (await moodle.on(grouped, who.teacher)).titles(), ['Bleu', 'Rouge']);
    await ada.goto(`${moodle.base}/mod/fresque/view.php?id=${grouped}`);
    await ada.getByText('Rouge').first().waitFor();
    await moodle.site('change', { cm: grouped, with: { groupmode: 0 } });
    assert.deepEqual(await (await moodle.on(grouped, who.ada)).titles(), ['Bleu', 'Rouge']);
    await moodle.site('change', { cm: grouped, with: { groupmode: 1 } });
    const { waiting, said } = await moodle.site('background');
    assert.deepEqual([waiting, said], [0, undefined]);
  });

  await part('who never comes is found by privacy requests where the service knows them by a group', async () => {
    const { user } = await moodle.site('absent', { course: who.course });
    await moodle.site('hidden_group', { course: who.course, user, name: 'Accompagnement' });
    const { cm: quiet } = await moodle.site('activity', { course: who.course, name: 'Muette', groupmode: 1 });
    await moodle.site('background');
    await moodle.site('change', { cm: quiet, with: { groupmode: 1 } });
    await moodle.site('background');
    assert.ok((await moodle.site('privacy_where', { user })).cms.includes(quiet), 'they are not found');
    // A group that is hidden in Moodle is not told of.
    const { groups } = await (await moodle.on(quiet, who.teacher)).send('GET', '/snapshot');
    assert.deepEqual(groups.map((one) => one.name).sort(), ['Bleu', 'Rouge']);
    const absent = await moodle.on(quiet, user);
    await absent.post('Sans groupe');
    assert.equal((await absent.send('GET', '/snapshot')).posts[0].groupId, undefined);
    await moodle.site('delete', { cm: quiet, quiet: true });
    await moodle.site('background');
    assert.ok(!(await moodle.site('privacy_where', { user })).cms.includes(quiet));
    assert.equal((await moodle.site('privacy_delete', { user })).left, 0);
    assert.deepEqual(await moodle.site('privacy_where', { user }), { cms: [], known: false });
  });

  await part('a change of the form reaches the wall, and leaves what was set on the wall', async () => {
    const trainer = await moodle.on(cm, who.teacher);
    const { board } = await trainer.send('GET', '/snapshot');
    await trainer.send('PATCH', '', { settings: { layout: 'columns' } }, { 'If-Match': `"${board.rev}"` });
    await moodle.site('change', { cm, with: { name: 'Bonjour à tous', anonymity: 'peers' } });
    const now = (await trainer.send('GET', '/snapshot')).board;
    assert.deepEqual([now.title, now.settings.anonymity, now.settings.layout], ['Bonjour à tous', 'peers', 'columns']);
    await moodle.site('change', { cm, with: { anonymity: 'named' } });
  });

  await part('a duplicate and a restored course have walls of their own', async () => {
    const original = await moodle.site('read', { cm });
    const { cm: twin } = await moodle.site('duplicate', { cm });
    await moodle.site('background');
    const copied = await moodle.site('read', { cm: twin });
    assert.ok(copied.board && copied.board !== original.board, 'it has no wall of its own');
    assert.deepEqual(await (await moodle.on(twin, who.teacher)).titles(), []);
    for (const [users, titles] of [[false, []], [true, ['Le premier mot']]]) {
      const restored = await moodle.site('restore', { course: who.course, users });
      await moodle.site('background');
      const all = await Promise.all(restored.cms.map((one) => moodle.site('read', { cm: one })));
      const at = all.findIndex((one) => one.name === 'Bonjour à tous');
      assert.ok(all[at].board && all[at].board !== original.board, 'it has no wall of its own');
      await moodle.site('enrol', { course: restored.course, user: who.teacher });
      assert.deepEqual(await (await moodle.on(restored.cms[at], who.teacher)).titles(), titles);
    }
    // A wall that somebody wrote into a backup is not copied.
    const forged = await moodle.site('restore', { course: who.course, users: true, forged: original.board });
    await moodle.site('background');
    await moodle.site('enrol', { course: forged.course, user: who.teacher });
    for (const one of forged.cms) {
      const { name } = await moodle.site('read', { cm: one });
      assert.deepEqual(await (await moodle.on(one, who.teacher)).titles(), name === 'Bonjour à tous' ? ['Le premier mot'] : [], name);
    }
    assert.deepEqual(await (await moodle.on(cm, who.teacher)).titles(), ['Le premier mot']);
  });

  await part('what was deleted comes back out of a backup, by the same people', async () => {
    const { cm: lost } = await moodle.site('activity', { course: who.course, name: 'Perdue' });
    await (await moodle.on(lost, who.bob)).post('Retrouvé');
    const { board } = await moodle.site('read', { cm: lost });
    const restored = await moodle.site('restore', { course: who.course, users: true, between: lost });
    await moodle.site('background');
    const all = await Promise.all(restored.cms.map((one) => moodle.site('read', { cm: one })));
    const at = all.findIndex((one) => one.name === 'Perdue');
    assert.equal((await moodle.site('board', { board })).fault, 'not_found', 'the original is still there');
    await moodle.site('enrol', { course: restored.course, user: who.bob, as: 'student' });
    const bob = await moodle.on(restored.cms[at], who.bob);
    assert.deepEqual(await bob.titles(), ['Retrouvé']);
    const [post] = (await bob.send('GET', '/snapshot')).posts;
    assert.equal(post.author.id, bob.session.participant.id);
    assert.equal(all[at].transfer, null);
  });

  await part('privacy: what somebody left is exported, and deleted at the service too', async () => {
    assert.deepEqual((await moodle.site('privacy_metadata')).missing, []);
    const { files } = await moodle.site('privacy_export', { user: who.ada });
    const all = Object.values(files).join('\n');
    assert.match(all, /Le premier mot/);
    assert.doesNotMatch(all, /Bleu/);
    assert.equal((await moodle.site('privacy_delete', { user: who.ada })).left, 0);
    await moodle.site('background');
    await until((titles) => titles.length === 0, async () => (await moodle.on(cm, who.teacher)).titles());
    await until((all) => !/Le premier mot|Rouge/.test(all), async () => JSON.stringify(await moodle.site('at_service', { user: who.ada })));
  });

  await part('a course that begins anew has empty walls', async () => {
    const bob = await moodle.on(cm, who.bob);
    await bob.post('Encore un');
    await until((now) => now.grade === 10, () => standing(who.bob));
    const { status } = await moodle.site('reset', { course: who.course });
    assert.ok(status.every((one) => !one.error && /emptied/.test(one.item)), JSON.stringify(status));
    assert.deepEqual(await (await moodle.on(cm, who.teacher)).titles(), []);
    assert.deepEqual([(await standing(who.bob)).grade, (await standing(who.bob)).counts], [null, null]);
  });

  await part('while the service is away pages say so, and what was asked for is done when it is back', async () => {
    const doomed = (await moodle.site('activity', { course: who.course, name: 'Condamnée' })).cm;
    const { board } = await moodle.site('read', { cm: doomed });
    await moodle.product.stop();
    await teacher.goto(`${moodle.base}/mod/fresque/view.php?id=${cm}`);
    await teacher.getByRole('heading', { name: 'The wall cannot be shown right now' }).waitFor();
    await picture(teacher, 'away-1280');
    const made = await moodle.site('activity', { course: who.course, name: 'En préparation' });
    assert.equal(made.board, '');
    await ada.goto(`${moodle.base}/mod/fresque/view.php?id=${made.cm}`);
    await ada.getByRole('heading', { name: 'The wall is being prepared' }).waitFor();
    await picture(ada, 'preparing-390');
    await moodle.site('delete', { cm: doomed, quiet: true });
    assert.ok((await moodle.site('background', { once: true })).waiting >= 2, 'nothing waits');
    await moodle.product.start();
    assert.equal((await moodle.site('background')).waiting, 0);
    await ada.reload();
    await ada.frameLocator('iframe.mod_fresque-frame').getByText('Live').first().waitFor();
    assert.ok((await moodle.site('read', { cm: made.cm })).board);
    assert.equal((await moodle.site('board', { board })).fault, 'not_found');
  });

  await part('nothing on the way complained', () => {
    assert.match(moodle.log, /mod\/fresque\/view\.php/, 'nothing is in the log');
    const complaints = moodle.log.split('\n').filter((line) => /PHP (Warning|Notice|Deprecated|Fatal|Parse)|mod\/fresque.*Exception/.test(line) && /fresque/.test(line));
    assert.deepEqual(complaints, []);
  });
});
