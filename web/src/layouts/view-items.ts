import { language, t } from '../i18n/index.svelte';
import type { LiveWall } from '../sync/live.svelte';
import type { MenuItem } from '../ui/menu';
import { more } from '../ui/more-icons';
import { icons } from './icons';
import type { Shaping } from './shaping.svelte';

/** The menu of how one looks at a wall, and shapes it. */
export async function viewItems(
  wall: LiveWall,
  shaping: Shaping,
  players: () => void,
): Promise<MenuItem[]> {
  await language.need('sections');
  const items: (MenuItem | false)[] = [
    {
      icon: icons.list,
      text: t('sections.list'),
      checked: shaping.list,
      run: () => {
        shaping.list = !shaping.list;
      },
    },
    shaping.mayShape && {
      icon: icons.select,
      text: t('sections.select'),
      checked: shaping.selected !== undefined,
      run: () => (shaping.selected ? shaping.unselect() : shaping.select()),
    },
    wall.session.may('sections.edit') && {
      icon: icons.columns,
      text: t('sections.all'),
      run: () => {
        shaping.asked = { kind: 'sections' };
      },
    },
    { icon: more.video, text: t('sections.players'), run: players },
  ];
  return items.filter((item) => item !== false);
}
