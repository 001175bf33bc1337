import { forget, recall, remember } from './storage';

export type Theme = 'system' | 'light' | 'dark';
const ORDER: readonly Theme[] = ['system', 'light', 'dark'];

/** The person's choice of light or dark. public/theme.js applies it before the first paint. */
export class ThemeChoice {
  #theme = $state<Theme>('system');

  constructor() {
    const kept = recall('theme');
    if (kept === 'light' || kept === 'dark') this.#theme = kept;
  }

  get theme(): Theme {
    return this.#theme;
  }

  next(): void {
    const theme = ORDER[(ORDER.indexOf(this.#theme) + 1) % ORDER.length] ?? 'system';
    this.#theme = theme;
    if (theme === 'system') {
      forget('theme');
      delete document.documentElement.dataset['theme'];
    } else {
      remember('theme', theme);
      document.documentElement.dataset['theme'] = theme;
    }
  }
}
