import type { Node } from 'prosemirror-model';
import { markOf, marks, nodes } from './schema';
import { type Block, type Item, type List, type Marks, PLAIN, type Run, tidyBlocks } from './tidy';

/** What the server writes on every link. */
const LINK_ATTRIBUTES = 'rel="noopener noreferrer nofollow ugc" target="_blank"';

/** The canonical HTML of a document; empty when nothing in it can be seen. */
export function serialise(doc: Node): string {
  return tidyBlocks(blocksOf(doc)).map(writeBlock).join('');
}

function blocksOf(parent: Node): Block[] {
  return parent.children.map((child) =>
    child.type === nodes.paragraph ? { kind: 'paragraph', runs: runsOf(child) } : listOf(child),
  );
}

function listOf(node: Node): List {
  return {
    kind: 'list',
    ordered: node.type === nodes.ordered_list,
    items: node.children.map(itemOf),
  };
}

function itemOf(node: Node): Item {
  const [text, ...lists] = node.children;
  return { runs: text ? runsOf(text) : [], lists: lists.map(listOf) };
}

function runsOf(paragraph: Node): Run[] {
  return paragraph.children.map((child) => ({
    text: child.text ?? '',
    br: child.type === nodes.hard_break,
    marks: marksOf(child),
  }));
}

function marksOf(node: Node): Marks {
  return {
    href: String(markOf(node, marks.link)?.attrs['href'] ?? ''),
    strong: markOf(node, marks.strong) !== undefined,
    em: markOf(node, marks.em) !== undefined,
  };
}

function writeBlock(block: Block): string {
  return block.kind === 'list' ? writeList(block) : `<p>${writeRuns(block.runs)}</p>`;
}

function writeList(list: List): string {
  const name = list.ordered ? 'ol' : 'ul';
  const items = list.items.map(
    (item) => `<li>${writeRuns(item.runs)}${item.lists.map(writeList).join('')}</li>`,
  );
  return `<${name}>${items.join('')}</${name}>`;
}

function writeRuns(runs: readonly Run[]): string {
  let out = '';
  let open = PLAIN;
  for (const run of runs) {
    out += turn(open, run.marks) + (run.br ? '<br>' : escapeText(run.text));
    open = run.marks;
  }
  return out + turn(open, PLAIN);
}

/** Closes and opens what lies between two sets of marks; a mark goes on unless one around it changes. */
function turn(from: Marks, to: Marks): string {
  const link = from.href !== to.href;
  const strong = link || from.strong !== to.strong;
  const em = strong || from.em !== to.em;
  return [
    em && from.em ? '</em>' : '',
    strong && from.strong ? '</strong>' : '',
    link && from.href ? '</a>' : '',
    link && to.href ? `<a href="${escapeAttribute(to.href)}" ${LINK_ATTRIBUTES}>` : '',
    strong && to.strong ? '<strong>' : '',
    em && to.em ? '<em>' : '',
  ].join('');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function escapeAttribute(value: string): string {
  return escapeText(value).replaceAll('"', '%22');
}
