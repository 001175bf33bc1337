import type { Media } from '../../api/types';
import { language, t } from '../../i18n/index.svelte';
import { readableSize } from '../../i18n/sizes';
import { extensionOf } from '..';

export const DOWNLOAD =
  'M12 4.5V15M7 10.5l5 5 5-5M4.5 16v2.5A1.5 1.5 0 0 0 6 20h12a1.5 1.5 0 0 0 1.5-1.5V16';

/** What is told of a document besides its name; `size` is what is downloaded, in bytes. Reactive. */
export function aboutOf({ name = '', pages }: Media, size: number): string {
  return [
    extensionOf(name).toUpperCase(),
    readableSize(size, language.lang),
    pages ? t('attachments.pages', { count: pages }) : '',
  ]
    .filter(Boolean)
    .join(' · ');
}
