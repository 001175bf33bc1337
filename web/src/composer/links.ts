import { MAX_HREF, typedHref } from '../editor/href';

/** A web address to attach. What is embedded, the server decides. */
export interface WebLink {
  url: string;
  host: string;
}

/** Reads what a person pastes: an address, also without its scheme, or the code of a player. */
export function readLink(pasted: string): WebLink | undefined {
  const href = typedHref(iframeSource(pasted) ?? pasted);
  if (!href?.startsWith('http') || href.length > MAX_HREF) return undefined;
  return describeLink(href);
}

/** What to show of an address; undefined when it is none. */
export function describeLink(url: string): WebLink | undefined {
  try {
    return { url, host: new URL(url).hostname.replace(/^www\./, '') };
  } catch {
    return undefined;
  }
}

/** Tells the code of a player from any other text. */
export function isPlayerCode(text: string): boolean {
  return iframeSource(text) !== undefined;
}

/** Tells an address alone from any other text. */
export function isAddress(text: string): boolean {
  return /^(?:https?:\/\/|www\.)\S+$/i.test(text.trim());
}

function iframeSource(code: string): string | undefined {
  const found = /<iframe\s[^>]*?\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(code);
  const source = found?.[1] ?? found?.[2] ?? found?.[3];
  return source?.trim().replace(/^\/\//, 'https://').replaceAll('&amp;', '&');
}
