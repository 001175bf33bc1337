import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COLOURS } from '../../ui/colours';

const read = (name: string) =>
  readFileSync(new URL(`./src/themes/neutral/${name}`, `file://${process.cwd()}/`), 'utf8');

/** Each block's custom properties: light, dark, and dark by the system. */
function blocks(css: string): Map<string, string>[] {
  return [...css.matchAll(/:root[^{]*\{([^}]*)\}/g)].map(
    ([, body = '']) =>
      new Map(
        [...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, k = '', v = '']) => [k, v]),
      ),
  );
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const tokens = blocks(read('tokens.css')).filter((one) => one.has('text'));
const colours = blocks(read('colours.css'));
const TEXTS = ['text', 'text-body', 'text-soft', 'accent', 'accent-hover', 'danger'];

describe.each(['light', 'dark', 'dark by the system'].map((name, i) => ({ name, i })))(
  'in $name',
  ({ i }) => {
    const get = (key: string) => tokens[i]?.get(key) ?? colours[i]?.get(key) ?? '#000000';

    it.each(COLOURS)('text is legible on %s', (name) => {
      for (const text of TEXTS) {
        const found = contrast(get(text), get(`${name}-tint`));
        expect(found, text).toBeGreaterThanOrEqual(4.5);
      }
    });

    it.each(COLOURS)('a line in %s is seen', (name) => {
      for (const under of ['surface', 'page', `${name}-tint`]) {
        expect(contrast(get(name), get(under)), under).toBeGreaterThanOrEqual(3);
      }
    });
  },
);
