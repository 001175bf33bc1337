import type { Section } from '../api/types';
import { explain } from '../i18n/explain';
import { t } from '../i18n/index.svelte';
import { icons } from '../layouts/icons';
import type { Shaping } from '../layouts/shaping.svelte';
import type { LiveWall } from '../sync/live.svelte';
import type { MenuItem } from '../ui/menu';
import { toasts } from '../ui/toasts.svelte';
import { Sections } from './api';

/** The menu of a section's heading. */
export function sectionItems(wall: LiveWall, section: Section, shaping: Shaping): MenuItem[] {
  const sections = new Sections(wall);
  const list = wall.store.sections.list;
  const at = list.findIndex(({ id }) => id === section.id);
  const ask = (run: () => Promise<void>) => () =>
    void run().catch((problem: unknown) => toasts.show({ text: explain(problem) }));
  const items: (MenuItem | false)[] = [
    {
      icon: 'edit',
      text: t('sections.edit'),
      run: () => {
        shaping.asked = { kind: 'section', section };
      },
    },
    at > 0 && {
      icon: icons.before,
      text: t('sections.before'),
      run: ask(() => sections.shift(section, -1)),
    },
    at < list.length - 1 && {
      icon: icons.after,
      text: t('sections.after'),
      run: ask(() => sections.shift(section, 1)),
    },
    {
      icon: section.locked ? icons.unlock : icons.lock,
      text: t(section.locked ? 'sections.unlock' : 'sections.lock'),
      run: ask(() => sections.edit(section, { locked: !section.locked })),
    },
    {
      icon: section.hidden ? icons.shown : icons.hidden,
      text: t(section.hidden ? 'sections.show' : 'sections.hide'),
      run: ask(() => sections.edit(section, { hidden: !section.hidden })),
    },
    {
      icon: 'plus',
      text: t('sections.add'),
      run: () => {
        shaping.asked = { kind: 'section' };
      },
    },
    {
      icon: 'trash',
      text: t('sections.remove_ask'),
      danger: true,
      run: () => {
        shaping.asked = { kind: 'remove-section', section };
      },
    },
  ];
  return items.filter((item) => item !== false);
}
