/**
 * Reads the canonical rich text of a post into a tree of the allowed elements.
 * The server has sanitised it already; this stands on its own all the same:
 * whatever the input, nothing but these elements and plain text comes out, and
 * nothing throws. An unknown tag leaves its text.
 */
export type BlockTag = 'p' | 'ul' | 'ol' | 'li';
export type InlineTag = 'strong' | 'em';

export type RichNode =
  | string
  | { readonly tag: BlockTag | InlineTag; readonly children: RichNode[] }
  | { readonly tag: 'a'; readonly href: string; readonly children: RichNode[] }
  | { readonly tag: 'br' };

type Open = Extract<RichNode, { children: RichNode[] }>;

const TAG = /<(\/?)([a-z]+)((?:\s+[a-z]+(?:="[^"<>]*")?)*)\s*\/?>/iy;
const HREF = /\shref="([^"]*)"/i;
const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/gi;
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00A0',
};
const SCHEMES = new Set(['http:', 'https:', 'mailto:']);
/** Deeper than anything the editor makes; further down, only the text stands. */
const DEEPEST = 16;

export function parseRichText(html: string): RichNode[] {
  const builder = new Builder();
  let at = 0;
  while (at < html.length) {
    const next = html.indexOf('<', at);
    const end = next < 0 ? html.length : next;
    builder.text(decoded(html.slice(at, end)));
    if (next < 0) break;
    TAG.lastIndex = next;
    const tag = TAG.exec(html);
    if (tag) {
      const [whole, slash, name = '', attributes = ''] = tag;
      if (slash) builder.close(name.toLowerCase());
      else builder.open(name.toLowerCase(), attributes);
      at = next + whole.length;
    } else {
      builder.text('<');
      at = next + 1;
    }
  }
  return builder.root;
}

/**
 * The words of canonical HTML, roughly and fast: a first search reads every
 * post of the wall.
 */
export function searchableText(html: string): string {
  return decoded(html.replace(/<\/?(?:p|br|ul|ol|li)>/g, ' ').replace(/<[^>]*>/g, ''));
}

/** The words alone, a space between blocks; for search and accessible names. */
export function plainText(html: string): string {
  return words(parseRichText(html)).replace(/\s+/g, ' ').trim();
}

function words(nodes: readonly RichNode[]): string {
  return nodes.map((node) => (typeof node === 'string' ? node : wordsOf(node))).join('');
}

function wordsOf(node: Exclude<RichNode, string>): string {
  if (node.tag === 'br') return ' ';
  const inside = words(node.children);
  return isBlock(node.tag) ? `${inside} ` : inside;
}

class Builder {
  readonly root: RichNode[] = [];
  #path: Open[] = [];

  text(text: string): void {
    if (text === '') return;
    const children = this.#children;
    const last = children.at(-1);
    // Between the items of a list, only white space can stand.
    if (this.#inList && text.trim() === '') return;
    if (typeof last === 'string') children[children.length - 1] = last + text;
    else children.push(text);
  }

  open(name: string, attributes: string): void {
    if (this.#path.length >= DEEPEST) return;
    switch (name) {
      case 'br':
        this.#children.push({ tag: 'br' });
        return;
      case 'strong':
      case 'em':
        this.#push({ tag: name, children: [] });
        return;
      case 'a':
        this.#openLink(attributes);
        return;
      case 'p':
      case 'ul':
      case 'ol':
        this.#closeUntil((open) => open.tag === 'li');
        this.#push({ tag: name, children: [] });
        return;
      case 'li':
        this.#openItem();
        return;
      default:
    }
  }

  close(name: string): void {
    const depth = this.#path.findLastIndex((open) => open.tag === name);
    if (depth >= 0) this.#path.length = depth;
  }

  get #children(): RichNode[] {
    return this.#path.at(-1)?.children ?? this.root;
  }

  get #inList(): boolean {
    const tag = this.#path.at(-1)?.tag;
    return tag === 'ul' || tag === 'ol';
  }

  #push(node: Open): void {
    this.#children.push(node);
    this.#path.push(node);
  }

  #closeUntil(stop: (open: Open) => boolean): void {
    this.#path.length = this.#path.findLastIndex(stop) + 1;
  }

  #openItem(): void {
    const list = this.#path.findLastIndex((open) => open.tag === 'ul' || open.tag === 'ol');
    if (list < 0) return;
    this.#path.length = list + 1;
    this.#push({ tag: 'li', children: [] });
  }

  #openLink(attributes: string): void {
    const href = safeHref(decoded(HREF.exec(attributes)?.[1] ?? ''));
    if (href === undefined || this.#path.some((open) => open.tag === 'a')) return;
    this.#push({ tag: 'a', href, children: [] });
  }
}

/** The address as it may stand in a link; undefined for any scheme but http, https and mailto. */
export function safeHref(address: string): string | undefined {
  try {
    const url = new URL(address);
    return SCHEMES.has(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function isBlock(tag: string): boolean {
  return tag === 'p' || tag === 'li' || tag === 'ul' || tag === 'ol';
}

function decoded(text: string): string {
  return text.replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name) return NAMED[name.toLowerCase()] ?? whole;
    const point = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex ?? '', 16);
    const valid = point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
    return valid ? String.fromCodePoint(point) : '\uFFFD';
  });
}
