/** Where the styles of pasted elements are kept from the browser. */
export const STYLE_ATTRIBUTE = 'data-style';

/**
 * Prepares pasted HTML for ProseMirror's parser. Our content security policy
 * blocks inline styles and handlers even in the detached document that it
 * parses in, and reports each: they are renamed, and the schema's rules read
 * the styles. Cells of a table become words apart. This is no sanitiser: the schema is.
 */
export function preparePasted(html: string): string {
  return html
    .replace(/<style\b[\s\S]*?(?:<\/style\s*>|$)/gi, '')
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on\w+)(?=\s*=)/gi, ' data-$1'))
    .replace(/<\/t[dh]\s*>/gi, ' $&');
}

export function isBold(element: HTMLElement): boolean {
  return /font-weight\s*:\s*(?:bold|[6-9]\d\d)/i.test(styleOf(element));
}

export function isItalic(element: HTMLElement): boolean {
  return /font-style\s*:\s*(?:italic|oblique)/i.test(styleOf(element));
}

/** Google Docs wraps whatever is copied in a <b> that is not bold. */
export function isPlain(element: HTMLElement): boolean {
  return /font-(?:weight|style)\s*:\s*(?:normal|[1-5]00)/i.test(styleOf(element));
}

function styleOf(element: HTMLElement): string {
  return element.getAttribute(STYLE_ATTRIBUTE) ?? '';
}
