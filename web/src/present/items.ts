import { language, t } from '../i18n/index.svelte';
import type { MenuItem } from '../ui/menu';

export type Presenting = 'slides' | 'projection';

/** The ways to show a wall to a room. */
export async function presentItems(
  present: (how: Presenting) => void,
): Promise<readonly MenuItem[]> {
  await language.need('present');
  return [
    {
      icon: 'M4 5h16v10H4zM12 15v4M8.5 19.500h7M10.5 8l3.500 2-3.500 2z',
      text: t('present.slides'),
      run: () => present('slides'),
    },
    {
      icon: 'M4 5h16v10H4zM12 15v4M8.5 19.500h7M7 8h4v4H7zM14 8h3M14 11h3',
      text: t('present.projection'),
      run: () => present('projection'),
    },
  ];
}
