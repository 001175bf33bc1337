import fc from 'fast-check';
import type { Mark, Node } from 'prosemirror-model';
import { describe, expect, it } from 'vitest';
import pairs from '../../../services/board/internal/richtext/testdata/canonical.json';
import { deserialise } from './document';
import { schema } from './schema';
import { serialise } from './serialise';

describe("the server's canonical texts", () => {
  it.each(pairs)('$name comes back as it went in', ({ output }) => {
    expect(serialise(deserialise(output))).toBe(output);
  });
});

describe('a document', () => {
  it('is the same after HTML and back', () => {
    fc.assert(
      fc.property(documents(words), (doc) => {
        const back = deserialise(serialise(doc));
        expect(back.toJSON()).toEqual(doc.toJSON());
      }),
    );
  });

  it('is valid and settled after one trip, whatever was typed', () => {
    fc.assert(
      fc.property(documents(anything), (doc) => {
        const html = serialise(doc);
        const back = deserialise(html);
        back.check();
        expect(serialise(back)).toBe(html);
        expect(deserialise(serialise(back)).toJSON()).toEqual(back.toJSON());
      }),
    );
  });

  it('without anything to see is empty', () => {
    const blank = schema.node('doc', null, [
      schema.node('paragraph', null, [schema.text(' \u00a0'), schema.node('hard_break')]),
      schema.node('bullet_list', null, [
        schema.node('list_item', null, [schema.node('paragraph')]),
      ]),
    ]);
    expect(serialise(blank)).toBe('');
  });
});

describe('deserialise', () => {
  it('makes a valid document of anything', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(tags, fc.string())), (parts) => {
        expect(() => deserialise(parts.join('')).check()).not.toThrow();
      }),
    );
  });

  it('keeps markup that is not of the set as text', () => {
    expect(deserialise('<p>a<script>alert(1)</script></p>').textContent).toContain('alert(1)');
  });
});

const tags = fc.constantFrom(
  '<p>',
  '</p>',
  '<ul>',
  '</ul>',
  '<ol>',
  '</ol>',
  '<li>',
  '</li>',
  '<br>',
  '<strong>',
  '</strong>',
  '<em>',
  '</em>',
  '<a href="https://example.org/">',
  '</a>',
  '<img>',
  '&lt;',
  'a',
  ' ',
);

const words = fc.stringMatching(/^[a-zé<>&"'’]{1,6}$/);
const anything = fc.oneof(words, fc.constantFrom(' ', '  ', ' a ', '\u00a0', '\u200d', '\t'));

/** Documents in which no two neighbours would be joined and nothing is empty, when `text` is words. */
function documents(text: fc.Arbitrary<string>): fc.Arbitrary<Node> {
  const marks = fc.record({
    href: fc.constantFrom('', '', 'https://example.org/?a=1&b=2', 'mailto:ada@example.org'),
    strong: fc.boolean(),
    em: fc.boolean(),
  });
  const piece = fc
    .tuple(text, marks)
    .map(([value, { href, strong, em }]) =>
      schema.text(value, [
        ...(href ? [schema.mark('link', { href })] : []),
        ...(strong ? [schema.mark('strong')] : []),
        ...(em ? [schema.mark('em')] : []),
      ]),
    );
  const line = fc.array(piece, { minLength: 1, maxLength: 3 });
  const paragraph = fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) =>
    schema.node(
      'paragraph',
      null,
      lines.flatMap((pieces, index) => [...breakBetween(lines[index - 1], pieces), ...pieces]),
    ),
  );
  const list = fc.letrec<{ list: Node; item: Node; below: Node[] }>((tie) => ({
    list: fc
      .tuple(
        fc.constantFrom('bullet_list', 'ordered_list'),
        fc.array(tie('item'), { minLength: 1, maxLength: 3 }),
      )
      .map(([kind, items]) => schema.node(kind, null, items)),
    below: fc.oneof(
      { maxDepth: 3 },
      fc.constant<Node[]>([]),
      fc.array(tie('list'), { maxLength: 2 }),
    ),
    item: fc
      .tuple(paragraph, tie('below'))
      .map(([first, lists]) => schema.node('list_item', null, [first, ...lists])),
  })).list;
  return fc
    .array(fc.oneof(paragraph, list), { minLength: 1, maxLength: 4 })
    .map((blocks) => schema.node('doc', null, blocks));
}

/** A break has the marks that the text on both sides shares, from the outermost to the first that differs. */
function breakBetween(before: Node[] | undefined, after: Node[]): Node[] {
  if (!before) return [];
  const left = before.at(-1)?.marks ?? [];
  const right = after[0]?.marks ?? [];
  const differs = ['link', 'strong', 'em'].findIndex(
    (name) => !sameMark(named(left, name), named(right, name)),
  );
  const outer = differs < 0 ? ['link', 'strong', 'em'] : ['link', 'strong', 'em'].slice(0, differs);
  return [
    schema.node(
      'hard_break',
      null,
      undefined,
      left.filter((mark) => outer.includes(mark.type.name)),
    ),
  ];
}

function named(marks: readonly Mark[], name: string): Mark | undefined {
  return marks.find((mark) => mark.type.name === name);
}

function sameMark(a: Mark | undefined, b: Mark | undefined): boolean {
  return a && b ? a.eq(b) : a === b;
}
