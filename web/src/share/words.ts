import type { Link } from '../api/types';
import { t } from '../i18n/index.svelte';

/** What a link is called: its own name, else its role. */
export function nameOf(link: Link): string {
  return link.name || t(`share.role_${link.role}`);
}

/** A code as people read it out: two groups of three. */
export function spaced(code: string): string {
  return `${code.slice(0, 3)}\u00a0${code.slice(3)}`;
}

/** Where a code is typed, without what nobody needs to type. */
export function homeAddress(url: string): string {
  return new URL(url).origin.replace(/^https?:\/\//, '');
}
