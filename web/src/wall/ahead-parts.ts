import { language } from '../i18n/index.svelte';
import { composersWords } from './composers-words';

/** What whoever may write needs just when nothing can be fetched. */
export function writersParts(): Promise<unknown>[] {
  return [
    import('./Waiting.svelte'),
    import('./CardMenu.svelte'),
    import('./card-items'),
    import('../post/PostView.svelte'),
    language.need('post'),
    import('../history/recent.svelte'),
    language.need('history'),
    import('../ui/Menu.svelte'),
    import('../moderation/post-items'),
    import('../layouts/Shaper.svelte'),
    import('../layouts/SelectionBar.svelte'),
    import('./Pick.svelte'),
    import('../layouts/MoveDialog.svelte'),
    import('../layouts/BulkDialog.svelte'),
    import('../history/Recent.svelte'),
    import('../attachments/Attachments.svelte'),
    import('./WaitingBoard.svelte'),
    import('./WaitingCount.svelte'),
    import('../settings/SettingsPanel.svelte'),
    import('../settings/Backdrop.svelte'),
    import('./ComposerSlot.svelte'),
    import('../composer/Composer.svelte'),
    import('../editor/Editor.svelte'),
    import('../upload'),
    import('tus-js-client'),
    ...composersWords(),
    language.need('moderation'),
    language.need('sections'),
    language.need('settings'),
  ];
}
