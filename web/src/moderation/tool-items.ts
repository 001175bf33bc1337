import { t } from '../i18n/index.svelte';
import type { MenuItem } from '../ui/menu';
import { icons } from './icons';
import type { PostTools } from './tools';

/** What a trainer opens of a wall besides its queue. */
export function wallItems({ wall, ask }: PostTools): readonly MenuItem[] {
  if (!wall.session.moderates) return [];
  return [
    { icon: icons.people, text: t('moderation.people'), run: () => ask({ kind: 'people' }) },
    { icon: icons.history, text: t('moderation.activity'), run: () => ask({ kind: 'activity' }) },
    { icon: 'trash', text: t('moderation.trash'), run: () => ask({ kind: 'trash' }) },
  ];
}
