import { DOMParser, type Mark, type MarkType, type Node, Schema } from 'prosemirror-model';
import { cleanHref } from './href';

/**
 * What a text may hold, and nothing else: whatever is pasted is reduced to it.
 * The order of the marks is the order of their nesting in canonical HTML.
 */
export const schema = new Schema({
  nodes: {
    doc: { content: 'block+' },
    paragraph: {
      group: 'block',
      content: 'inline*',
      parseDOM: [
        { tag: 'p' },
        // A pasted heading stays apart from the text below it by being bold.
        ...[1, 2, 3, 4, 5, 6].map((level) => ({
          tag: `h${level}`,
          getContent: (heading: globalThis.Node) => boldened(heading).content,
          node: 'paragraph',
        })),
      ],
      toDOM: () => ['p', 0],
    },
    bullet_list: {
      group: 'block list',
      content: 'list_item+',
      parseDOM: [{ tag: 'ul' }],
      toDOM: () => ['ul', 0],
    },
    ordered_list: {
      group: 'block list',
      content: 'list_item+',
      parseDOM: [{ tag: 'ol' }],
      toDOM: () => ['ol', 0],
    },
    list_item: {
      content: 'paragraph list*',
      defining: true,
      parseDOM: [{ tag: 'li' }],
      toDOM: () => ['li', 0],
    },
    text: { group: 'inline' },
    hard_break: {
      group: 'inline',
      inline: true,
      selectable: false,
      parseDOM: [{ tag: 'br' }],
      toDOM: () => ['br'],
      leafText: () => '\n',
    },
  },
  marks: {
    link: {
      attrs: { href: { validate: 'string' } },
      inclusive: false,
      parseDOM: [
        {
          tag: 'a[href]',
          getAttrs: (anchor) => {
            const href = cleanHref(anchor.getAttribute('href') ?? '');
            return href === undefined ? false : { href };
          },
        },
      ],
      toDOM: (mark) => ['a', { href: String(mark.attrs['href']) }, 0],
    },
    strong: {
      parseDOM: [
        { tag: 'strong' },
        // Google Docs wraps whatever is copied in a <b> that is not bold.
        { tag: 'b', getAttrs: (b) => b.style.fontWeight !== 'normal' && null },
        { style: 'font-weight', getAttrs: (weight) => isBold(weight) && null },
      ],
      toDOM: () => ['strong', 0],
    },
    em: {
      parseDOM: [
        { tag: 'em' },
        { tag: 'i', getAttrs: (i) => i.style.fontStyle !== 'normal' && null },
        { style: 'font-style=italic' },
      ],
      toDOM: () => ['em', 0],
    },
  },
});

export const { nodes, marks } = schema;

/** The mark of a type among those of a node, if it has it. */
export function markOf(node: { marks: readonly Mark[] }, type: MarkType): Mark | undefined {
  return type.isInSet(node.marks);
}

function isBold(weight: string): boolean {
  return /^(bold(er)?|[6-9]\d\d)$/.test(weight);
}

function boldened(heading: globalThis.Node): Node {
  const line = DOMParser.fromSchema(schema).parse(heading, {
    topNode: schema.node('paragraph'),
  });
  const bold: Node[] = [];
  line.forEach((child) => {
    bold.push(child.mark(schema.mark('strong').addToSet(child.marks)));
  });
  return schema.node('paragraph', null, bold);
}
