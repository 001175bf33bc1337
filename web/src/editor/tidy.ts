/**
 * The canonical form of a text, the same as the server's (docs/richtext.md):
 * one text has one form, so that an unchanged text compares as unchanged.
 */

/** What is set around text, from the outermost: a link (empty for none), strong, em. */
export interface Marks {
  readonly href: string;
  readonly strong: boolean;
  readonly em: boolean;
}

/** Text with one set of marks, or a line break. */
export interface Run {
  readonly text: string;
  readonly br: boolean;
  readonly marks: Marks;
}

export type Block = { kind: 'paragraph'; runs: Run[] } | List;

export interface List {
  kind: 'list';
  ordered: boolean;
  items: Item[];
}

/** Text, then the lists below it. */
export interface Item {
  runs: Run[];
  lists: List[];
}

/** Line breaks that may follow each other: one blank line. */
const MAX_BREAKS = 2;

export const PLAIN: Marks = { href: '', strong: false, em: false };

/** Drops what is empty; one empty paragraph may stay between two blocks. */
export function tidyBlocks(blocks: readonly Block[]): Block[] {
  const out: Block[] = [];
  let blank = false;
  for (const raw of blocks) {
    const block: Block =
      raw.kind === 'list' ? tidyList(raw) : { kind: 'paragraph', runs: tidyRuns(raw.runs) };
    const empty = block.kind === 'list' ? block.items.length === 0 : block.runs.length === 0;
    if (empty) {
      blank ||= block.kind === 'paragraph';
      continue;
    }
    if (blank && out.length > 0) out.push({ kind: 'paragraph', runs: [] });
    blank = false;
    out.push(block);
  }
  return out;
}

function tidyList(list: List): List {
  const items = list.items
    .map((item) => ({ runs: tidyRuns(item.runs), lists: tidyLists(item.lists) }))
    .filter((item) => item.runs.length > 0 || item.lists.length > 0);
  return { ...list, items };
}

function tidyLists(lists: readonly List[]): List[] {
  return lists.map(tidyList).filter((list) => list.items.length > 0);
}

function tidyRuns(raw: readonly Run[]): Run[] {
  const runs = foldSpace(raw);
  if (runs.every((run) => run.br || isBlank(run.text))) return [];
  return markBreaks(join(unlinkBlank(runs)));
}

/** Makes every stretch of spaces one, and drops spaces and breaks where nothing would show them. */
function foldSpace(raw: readonly Run[]): Run[] {
  const out: Run[] = [];
  let breaks = 0;
  let spaced = true;
  for (const run of raw) {
    if (run.br) {
      trimSpace(out);
      if (out.length > 0 && breaks < MAX_BREAKS) out.push(run);
      breaks++;
      spaced = true;
      continue;
    }
    const folded = run.text.replace(/[ \t\n\f\r\u2028\u2029]+/g, ' ');
    const text: string = spaced ? folded.replace(/^ /, '') : folded;
    if (text === '') continue;
    spaced = text.endsWith(' ');
    breaks = 0;
    out.push({ ...run, text });
  }
  trimSpace(out);
  while (out.at(-1)?.br) out.pop();
  return out;
}

function trimSpace(out: Run[]): void {
  const last = out.at(-1);
  if (!last || last.br || !last.text.endsWith(' ')) return;
  out.pop();
  if (last.text !== ' ') out.push({ ...last, text: last.text.slice(0, -1) });
}

/** Takes the link off text that nobody could see or press. */
function unlinkBlank(runs: readonly Run[]): Run[] {
  const out: Run[] = [];
  for (let start = 0; start < runs.length; ) {
    const href = runs[start]?.marks.href ?? '';
    let end = start + 1;
    while (end < runs.length && (runs[end]?.br || runs[end]?.marks.href === href)) end++;
    const stretch = runs.slice(start, end);
    const seen = stretch.some((run) => !run.br && !isBlank(run.text));
    out.push(
      ...(seen ? stretch : stretch.map((run) => ({ ...run, marks: { ...run.marks, href: '' } }))),
    );
    start = end;
  }
  return out;
}

function join(runs: readonly Run[]): Run[] {
  const out: Run[] = [];
  for (const run of runs) {
    const last = out.at(-1);
    if (last && !last.br && !run.br && sameMarks(last.marks, run.marks)) {
      out[out.length - 1] = { ...last, text: last.text + run.text };
    } else {
      out.push(run);
    }
  }
  return out;
}

/** Gives line breaks the marks that the text on both sides shares; there is text at both ends. */
function markBreaks(runs: readonly Run[]): Run[] {
  return runs.map((run, index) =>
    run.br
      ? { ...run, marks: shared(marksBeside(runs, index, -1), marksBeside(runs, index, 1)) }
      : run,
  );
}

function marksBeside(runs: readonly Run[], index: number, step: 1 | -1): Marks {
  let at = index;
  while (runs[at]?.br) at += step;
  return runs[at]?.marks ?? PLAIN;
}

/** The marks that both have, from the outermost down to the first that differs. */
function shared(a: Marks, b: Marks): Marks {
  if (a.href !== b.href) return PLAIN;
  if (a.strong !== b.strong) return { ...PLAIN, href: a.href };
  return { ...a, em: a.em && b.em };
}

function sameMarks(a: Marks, b: Marks): boolean {
  return a.href === b.href && a.strong === b.strong && a.em === b.em;
}

function isBlank(text: string): boolean {
  return !/[^\p{White_Space}\p{Cf}]/u.test(text);
}
