import { Fragment, type Mark, type Node } from 'prosemirror-model';
import { parseRichText, type RichNode } from '../richtext/parse';
import { schema } from './schema';

type Element = Exclude<RichNode, string>;

/** The document of a stored text; whatever is not canonical is kept as text. */
export function deserialise(html: string): Node {
  const blocks = blocksOf(parseRichText(html));
  return schema.node('doc', null, blocks.length > 0 ? blocks : [schema.node('paragraph')]);
}

/** Stray text between blocks becomes a paragraph. */
function blocksOf(children: readonly RichNode[]): Node[] {
  return inStretches(children).flatMap(({ inline, block }) => [
    ...(inline.length > 0 ? [paragraph(inline)] : []),
    ...(block ? blockOf(block) : []),
  ]);
}

function blockOf(element: Element): Node[] {
  if (element.tag === 'p') return [paragraph(element.children)];
  if (element.tag === 'ul' || element.tag === 'ol') return listOf(element.tag, element.children);
  return 'children' in element ? blocksOf(element.children) : [];
}

function listOf(tag: 'ul' | 'ol', children: readonly RichNode[]): Node[] {
  const items = children.flatMap((child) =>
    typeof child !== 'string' && child.tag === 'li' ? itemsOf(child.children) : [],
  );
  if (items.length === 0) return [];
  return [schema.node(tag === 'ul' ? 'bullet_list' : 'ordered_list', null, items)];
}

/** An item is text and the lists below it; text after a list starts another item. */
function itemsOf(children: readonly RichNode[]): Node[] {
  const items: Node[][] = [];
  for (const { inline, block } of inStretches(children)) {
    const last = items.at(-1);
    const item = last && inline.length === 0 ? last : [paragraph(inline)];
    if (item !== last) items.push(item);
    if (block) item.push(...blockOf(block).filter((node) => node.type.isInGroup('list')));
  }
  if (items.length === 0) items.push([paragraph([])]);
  return items.map((content) => schema.node('list_item', null, content));
}

interface Stretch {
  inline: RichNode[];
  /** The block that ends the stretch; the last stretch may have none. */
  block?: Element;
}

function inStretches(children: readonly RichNode[]): Stretch[] {
  const out: Stretch[] = [];
  let inline: RichNode[] = [];
  for (const child of children) {
    if (typeof child === 'string' || !isBlock(child)) {
      inline.push(child);
    } else {
      out.push({ inline, block: child });
      inline = [];
    }
  }
  if (inline.length > 0) out.push({ inline });
  return out;
}

function isBlock(element: Element): boolean {
  return ['p', 'ul', 'ol', 'li'].includes(element.tag);
}

function paragraph(children: readonly RichNode[]): Node {
  return schema.node('paragraph', null, Fragment.fromArray(inlineOf(children, [])));
}

function inlineOf(children: readonly RichNode[], marks: readonly Mark[]): Node[] {
  return children.flatMap((child) => {
    if (typeof child === 'string') return child === '' ? [] : [schema.text(child, marks)];
    if (child.tag === 'br') return [schema.node('hard_break', null, undefined, marks)];
    return inlineOf(child.children, withMark(child, marks));
  });
}

function withMark(element: Element, marks: readonly Mark[]): readonly Mark[] {
  if (element.tag === 'a') return schema.mark('link', { href: element.href }).addToSet(marks);
  if (element.tag === 'strong' || element.tag === 'em') {
    return schema.mark(element.tag).addToSet(marks);
  }
  return marks;
}
