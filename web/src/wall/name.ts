import type { Post } from '../api/types';
import { t } from '../i18n/index.svelte';

/** What a post is called: its title, else whose it is. Reactive. */
export function nameOf({ title, author }: Post): string {
  return title || t('wall.untitled', { author: author.name });
}
