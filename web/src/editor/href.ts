const MAILBOX = /^[A-Za-z0-9.!$*+=_'~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$/;
/** Characters of a link's address; the server's limit. */
export const MAX_HREF = 2000;

/**
 * The address of a link as the text may hold it: http, https, or mailto with
 * one plain address. Undefined for anything else; the server has the last word.
 */
export function cleanHref(raw: string): string | undefined {
  const address = raw.trim();
  const href = address.toLowerCase().startsWith('mailto:') ? mailto(address) : web(address);
  return href !== undefined && href.length <= MAX_HREF ? href : undefined;
}

/** Reads what a person types as an address: the scheme may be left out. */
export function typedHref(raw: string): string | undefined {
  const typed = raw.trim();
  if (typed === '') return undefined;
  if (MAILBOX.test(typed)) return `mailto:${typed}`;
  if (/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(typed)) return cleanHref(typed);
  return looksLikeHost(typed) ? cleanHref(`https://${typed}`) : undefined;
}

function web(address: string): string | undefined {
  // `new URL` also reads "https:example.org" and drops line breaks; the server does not.
  if (!/^https?:\/\//i.test(address) || /[\s\\]/.test(address)) return undefined;
  try {
    const url = new URL(address);
    return url.username || url.password ? undefined : url.href;
  } catch {
    return undefined;
  }
}

function mailto(address: string): string | undefined {
  const mailbox = address.slice('mailto:'.length).split('?', 1)[0] ?? '';
  return MAILBOX.test(mailbox) ? `mailto:${mailbox}` : undefined;
}

function looksLikeHost(typed: string): boolean {
  const host = typed.split(/[/?#]/, 1)[0] ?? '';
  return /^[^\s.]+(\.[^\s.]+)+(:\d+)?$/.test(host) || /^localhost(:\d+)?$/.test(host);
}
