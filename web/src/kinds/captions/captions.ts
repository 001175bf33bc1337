import { recall, remember } from '../../device/storage';
import { language } from '../../i18n/index.svelte';

/** The languages that are offered for captions; the list is in the words of the page's own. */
export const LANGUAGES = [
  'fr',
  'en',
  'de',
  'es',
  'it',
  'pt',
  'nl',
  'pl',
  'uk',
  'ru',
  'ar',
  'tr',
  'zh',
  'ja',
  'oc',
  'br',
  'co',
  'eu',
  'ca',
  'gsw',
] as const;

/** « français »; the code itself where it is not known. Reactive. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(language.lang, { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** Whether the person has captions shown, on this device. */
export function wanted(): boolean {
  return recall('captions') === 'on';
}

/** Remembers what the person chooses in the player's own menu. */
export function follow(player: HTMLMediaElement): () => void {
  const tracks = player.textTracks;
  const changed = () => {
    if (tracks.length > 0) {
      remember('captions', [...tracks].some(({ mode }) => mode === 'showing') ? 'on' : 'off');
    }
  };
  tracks?.addEventListener?.('change', changed);
  return () => tracks?.removeEventListener?.('change', changed);
}

/** What is said from one moment on, such as 01:02. */
export interface Said {
  readonly at: string;
  readonly words: string;
}

/** The words of captions as the server makes them: blocks of a timing and its lines. */
export function wordsOf(vtt: string): Said[] {
  return vtt
    .split('\n\n')
    .slice(1)
    .flatMap((block) => {
      const [timing = '', ...lines] = block.trim().split('\n');
      const at = /^(\d\d):(\d\d:\d\d)\./.exec(timing);
      if (!at) return [];
      const words = lines
        .join(' ')
        .replace(/&lt;/g, '<')
        .replace(/&gt;/g, '>')
        .replace(/&amp;/g, '&');
      return [{ at: at[1] === '00' ? (at[2] ?? '') : `${at[1]}:${at[2]}`, words }];
    });
}
