import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRichText } from '../richtext/parse';
import { toHtml, toText } from './text';

describe('what people type', () => {
  it.each([
    ['', ''],
    [' \n \n', ''],
    ['Bonjour', '<p>Bonjour</p>'],
    ['un\ndeux', '<p>un<br>deux</p>'],
    ['un\n\n\ndeux', '<p>un</p><p>deux</p>'],
    ['- un\n- deux', '<ul><li>un</li><li>deux</li></ul>'],
    ['Liste :\n- un', '<p>Liste :</p><ul><li>un</li></ul>'],
    ['du **gras** et de l’*italique*', '<p>du <strong>gras</strong> et de l’<em>italique</em></p>'],
    ['2 * 3 * 4', '<p>2 * 3 * 4</p>'],
    ['<b>&', '<p>&lt;b&gt;&amp;</p>'],
    [
      'voir https://example.org/a?b=1&c=2.',
      '<p>voir <a href="https://example.org/a?b=1&amp;c=2">https://example.org/a?b=1&amp;c=2</a>.</p>',
    ],
    ['javascript:alert(1)', '<p>javascript:alert(1)</p>'],
  ])('%j is %j', (text, html) => {
    expect(toHtml(text)).toBe(html);
  });

  it.each(['un\ndeux\n\ntrois', '- un\n- deux', 'du **gras** et *ceci*', 'https://example.org/a'])(
    'leads back: %j',
    (text) => {
      expect(toText(toHtml(text))).toBe(text);
    },
  );

  it('never makes anything but rich text, and keeps every letter', () => {
    const some = fc.string({
      unit: fc.constantFrom('a', 'b', '*', '-', ' ', '\n', '<', '&', '"', 'http://a.b/c'),
    });
    fc.assert(
      fc.property(some, (text) => {
        const html = toHtml(text);
        const letters = (of: string) => of.replace(/[^ab]/g, '');
        const shown = (nodes: ReturnType<typeof parseRichText>): string =>
          nodes
            .map((node) =>
              typeof node === 'string' ? node : node.tag === 'br' ? '' : shown(node.children),
            )
            .join('');
        expect(letters(shown(parseRichText(html)))).toBe(letters(text));
      }),
    );
  });
});
