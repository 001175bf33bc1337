import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRichText, plainText, type RichNode, safeHref } from './parse';

/** The pairs that the server is tested with: what it stores must be read here without loss. */
const canonical = JSON.parse(
  readFileSync(
    resolve(
      import.meta.dirname,
      '../../../services/board/internal/richtext/testdata/canonical.json',
    ),
    'utf8',
  ),
) as { name: string; input: string; output: string }[];

const ALLOWED = new Set(['p', 'br', 'strong', 'em', 'ul', 'ol', 'li', 'a']);

/** Back to the server's canonical form. */
function written(nodes: readonly RichNode[]): string {
  return nodes.map(writtenNode).join('');
}

function writtenNode(node: RichNode): string {
  if (typeof node === 'string') {
    return node.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  }
  if (node.tag === 'br') return '<br>';
  const inside = written(node.children);
  if (node.tag !== 'a') return `<${node.tag}>${inside}</${node.tag}>`;
  const href = node.href.replaceAll('&', '&amp;');
  return `<a href="${href}" rel="noopener noreferrer nofollow ugc" target="_blank">${inside}</a>`;
}

function everyNode(nodes: readonly RichNode[]): Exclude<RichNode, string>[] {
  return nodes.flatMap((node) => {
    if (typeof node === 'string') return [];
    return 'children' in node ? [node, ...everyNode(node.children)] : [node];
  });
}

describe('parseRichText', () => {
  it('has pairs to read', () => {
    expect(canonical.length).toBeGreaterThan(20);
  });

  it.each(canonical.map((pair) => [pair.name, pair.output]))('reads canonical: %s', (_, html) => {
    expect(written(parseRichText(html))).toBe(html);
  });

  it.each([
    ['an unknown element leaves its text', '<p>a<b>b</b></p>', '<p>ab</p>'],
    ['a script leaves its text', '<script>alert(1)</script>', 'alert(1)'],
    ['an image leaves nothing', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['an event handler goes', '<p onclick="x()">a</p>', '<p>a</p>'],
    ['a link to a script leaves its text', '<a href="javascript:alert(1)">a</a>', 'a'],
    ['so does one in disguise', '<a href="java&#9;script:alert(1)">a</a>', 'a'],
    ['and one without an address', '<a>a</a>', 'a'],
    ['a relative link leaves its text', '<a href="/w/1">a</a>', 'a'],
    [
      'entities become characters',
      '<p>&lt;b&gt; &amp; &#233; &#x20AC; &quot;</p>',
      '<p><b> & é € "</p>',
    ],
    ['unknown entities stay', '&unknown; &', '&unknown; &'],
    ['a lone angle bracket is text', '1 < 2 <3', '1 < 2 <3'],
    ['an unclosed element closes at the end', '<p><strong>a', '<p><strong>a</strong></p>'],
    ['a closing tag alone goes', 'a</p>', 'a'],
    ['elements closed crosswise', '<strong><em>a</strong>b</em>', '<strong><em>a</em></strong>b'],
    ['a paragraph closes the one before', '<p>a<p>b', '<p>a</p><p>b</p>'],
    [
      'a list inside an item',
      '<ul><li>a<ul><li>b</li></ul></li></ul>',
      '<ul><li>a<ul><li>b</li></ul></li></ul>',
    ],
    ['an item without a list leaves its text', '<li>a</li>', 'a'],
    [
      'a link inside a link goes',
      '<a href="https://a.fr/"><a href="https://b.fr/">x</a></a>',
      null,
    ],
  ])('%s', (_, html, expected) => {
    const nodes = parseRichText(html);
    if (expected === null) {
      expect(everyNode(nodes).map((node) => node.tag)).toEqual(['a']);
      return;
    }
    const shown = written(nodes).replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    expect(shown.replaceAll('&amp;', '&')).toBe(expected);
  });

  it('makes nothing but allowed elements and safe links, whatever it reads', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...['<p>', '</p>', '<ul>', '<li>', '</ul>', '<a href="', '">', '</a>', '<br>', '<strong>'],
        ...[
          '<script>',
          '<svg onload="x">',
          '<iframe src="x">',
          'javascript:',
          'https://a.fr',
          '&#',
        ],
        ...['&lt;', '<', '>', '"', ' ', '\n', '/', '=', '<!--', ']]>', '\0'],
      ),
      fc.string({ maxLength: 8 }),
    );
    const html = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(html, (text) => {
        for (const node of everyNode(parseRichText(text))) {
          expect(ALLOWED).toContain(node.tag);
          if (node.tag === 'a') expect(node.href).toMatch(/^(?:https?|mailto):/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('loses no word of what it reads', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 8 });
    const tags = fc.constantFrom('p', 'strong', 'em', 'u', 'div', 'li', 'ul');
    fc.assert(
      fc.property(words, fc.array(tags, { maxLength: 8 }), (said, around) => {
        const html = said.map((word, i) => {
          const tag = around[i % Math.max(1, around.length)];
          return tag ? `<${tag}>${word} </${tag}>` : `${word} `;
        });
        expect(plainText(html.join(''))).toBe(said.join(' '));
      }),
    );
  });

  it('is quick on hostile input', () => {
    const hostile = `<${'a '.repeat(10_000)}`;
    expect(parseRichText(hostile.repeat(2))).toHaveLength(1);
  });
});

describe('safeHref', () => {
  it.each([
    ['https://podeduc.apps.education.fr/video/1-a/', true],
    ['mailto:a@example.org', true],
    ['javascript:alert(1)', false],
    ['data:text/html,x', false],
    ['vbscript:x', false],
    ['/w/1', false],
    ['', false],
  ])('%s', (address, safe) => {
    expect(safeHref(address) !== undefined).toBe(safe);
  });
});
