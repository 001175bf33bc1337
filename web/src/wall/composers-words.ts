import { language } from '../i18n/index.svelte';

/** The words without which the composer does not open: asked for ahead, too. */
export function composersWords(): Promise<unknown>[] {
  return [
    language.need('composer'),
    language.need('colours'),
    language.need('kinds'),
    language.need('attachments'),
  ];
}
