import { LANGS, language } from '../i18n/index.svelte';

/** How a site looks, in its own words. */
export interface Look {
  readonly language?: unknown;
  readonly theme?: unknown;
}

/** Looks as a site does. What is not known here, such as a theme of another build, changes nothing. */
export function lookLike({ language: tag, theme }: Look): void {
  const primary = typeof tag === 'string' ? tag.toLowerCase().split(/[-_]/)[0] : undefined;
  const lang = LANGS.find((one) => one === primary);
  if (lang) void language.show(lang);
  const shade =
    typeof theme === 'string' ? /(?:^|-)(light|dark|auto)$/.exec(theme)?.[1] : undefined;
  const root = document.documentElement;
  if (shade === 'auto') delete root.dataset['theme'];
  else if (shade) root.dataset['theme'] = shade;
}

/** What a ticket says of its site, unchecked: it is good for no more than looks. */
export function lookOf(ticket: string): Look {
  try {
    const said = ticket.split('.')[1] ?? '';
    const { lng, thm } = JSON.parse(atob(said.replace(/-/g, '+').replace(/_/g, '/')));
    return { language: lng, theme: thm };
  } catch {
    return {};
  }
}
