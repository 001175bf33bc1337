/**
 * What people type in a comment, and the HTML that it stands for: paragraphs,
 * lists of lines that begin with a dash, addresses that are links, and words in
 * **bold** or *italics*. Each way leads back to the other.
 */
import { parseRichText, type RichNode, safeHref } from '../richtext/parse';

const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/;
const MARKS = new RegExp(
  `(${ADDRESS.source})|\\*\\*(?=\\S)([^\\n]*?\\S)\\*\\*|\\*(?=[^\\s*])([^*\\n]*?[^\\s*])\\*`,
  'g',
);
const ITEM = /^\s*[-•]\s+/;

/** Canonical HTML of a typed text; empty for nothing but space. */
export function toHtml(text: string): string {
  const blocks = text.replace(/\r\n?/g, '\n').split(/\n\s*\n/);
  return blocks.map(blockOf).join('');
}

function blockOf(block: string): string {
  const html: string[] = [];
  let lines: string[] = [];
  let items: string[] = [];
  const close = () => {
    if (lines.length > 0) html.push(`<p>${lines.join('<br>')}</p>`);
    if (items.length > 0) html.push(`<ul>${items.map((one) => `<li>${one}</li>`).join('')}</ul>`);
    lines = [];
    items = [];
  };
  for (const line of block.split('\n')) {
    const item = ITEM.test(line);
    const words = inline(line.replace(item ? ITEM : /^$/, '').trim());
    if (words === '') continue;
    if (item ? lines.length > 0 : items.length > 0) close();
    (item ? items : lines).push(words);
  }
  close();
  return html.join('');
}

function inline(text: string): string {
  let html = '';
  let from = 0;
  for (const match of text.matchAll(MARKS)) {
    const [whole, address, strong, em] = match;
    html += escaped(text.slice(from, match.index));
    from = match.index + whole.length;
    if (address) html += link(address);
    else if (strong) html += `<strong>${inline(strong)}</strong>`;
    else if (em) html += `<em>${inline(em)}</em>`;
  }
  return html + escaped(text.slice(from));
}

function link(address: string): string {
  const href = safeHref(address);
  return href ? `<a href="${escaped(href)}">${escaped(address)}</a>` : escaped(address);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** The text that one types for some HTML. */
export function toText(html: string): string {
  return parseRichText(html)
    .map(textOf)
    .join('')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function textOf(node: RichNode): string {
  if (typeof node === 'string') return node;
  if (node.tag === 'br') return '\n';
  const inner = node.children.map(textOf).join('');
  switch (node.tag) {
    case 'strong':
      return `**${inner}**`;
    case 'em':
      return `*${inner}*`;
    case 'p':
      return `${inner}\n\n`;
    case 'li':
      return `- ${inner.trim()}\n`;
    case 'ul':
    case 'ol':
      return `${inner}\n`;
    case 'a':
      return inner === node.href ? inner : `${inner} ${node.href}`;
  }
}
