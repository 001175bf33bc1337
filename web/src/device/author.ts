/** How many pairs of author colours a theme defines: `--author-N` and `--on-author-N`. */
const HUES = 8;

/** A colour for an author, the same everywhere for one id. */
export function authorHue(id: string): number {
  // FNV-1a, its high bits folded in: the low ones alone are poor.
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % HUES;
}

/** One or two letters: of the first and the last word of a name. */
export function initials(name: string): string {
  const words = name.split(/[\s-]+/).filter((word) => /\p{L}|\p{N}/u.test(word));
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return ends
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toLocaleUpperCase();
}
