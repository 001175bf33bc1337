import { t } from '../i18n/index.svelte';
import type { MenuItem } from '../ui/menu';
import { icons } from './icons';
import type { PostTools } from './tools';

/** Drawn as those in ui/icons.ts. */
const AWAY = 'M12 4v10.500M7.500 10.500l4.500 4.500 4.500-4.500M5 19.500h14';

/** What a trainer opens of a wall besides its queue. */
export function wallItems({ wall, ask }: PostTools): readonly MenuItem[] {
  if (!wall.session.moderates) return [];
  return [
    { icon: icons.people, text: t('moderation.people'), run: () => ask({ kind: 'people' }) },
    { icon: icons.history, text: t('moderation.activity'), run: () => ask({ kind: 'activity' }) },
    { icon: 'trash', text: t('moderation.trash'), run: () => ask({ kind: 'trash' }) },
    { icon: AWAY, text: t('moderation.take_away'), run: () => ask({ kind: 'away' }) },
  ];
}
