import {
  DOMParser,
  type Mark,
  type MarkType,
  type Node,
  Schema,
  type TagParseRule,
} from 'prosemirror-model';
import { cleanHref } from './href';
import { isBold, isItalic, isPlain, STYLE_ATTRIBUTE } from './pasted';

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
        ...marked(isBold),
        { tag: 'strong' },
        { tag: 'b', getAttrs: (b) => !isPlain(b) && null },
      ],
      toDOM: () => ['strong', 0],
    },
    em: {
      parseDOM: [
        ...marked(isItalic),
        { tag: 'em' },
        { tag: 'i', getAttrs: (i) => !isPlain(i) && null },
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

/** A style marks whatever element has it, which is then read by its own rule too. */
function marked(styled: (element: HTMLElement) => boolean): TagParseRule[] {
  return [
    {
      tag: `[${STYLE_ATTRIBUTE}]`,
      getAttrs: (element) => styled(element) && null,
      consuming: false,
      priority: 60,
    },
  ];
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
