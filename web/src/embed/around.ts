/**
 * The page around a wall in a frame: it is told how high the wall is, and tells
 * its language and its theme. Each speaks to the other's origin alone.
 */
import type { components } from '../api/schema';
import { type Look, lookLike } from './look';

type Site = components['schemas']['SessionSite'];

/** What either says; `fresque` is the version of this language. */
const VERSION = 1;

let following: AbortController | undefined;

/** Looks as the site does, and keeps in touch with it for as long as the page lives. */
export function follow(site: Site): void {
  following?.abort();
  following = new AbortController();
  lookLike(site);
  const { origin } = site;
  if (!origin || window.parent === window) return;
  const { signal } = following;
  const tell = (message: object) =>
    window.parent.postMessage({ fresque: VERSION, ...message }, origin);
  const again = tellHeight(tell, signal);
  window.addEventListener(
    'message',
    ({ source, origin: from, data }: MessageEvent<unknown>) => {
      if (source !== window.parent || from !== origin || !isSettings(data)) return;
      lookLike(data);
      again(); // a page that speaks listens: it may have missed the first time
    },
    { signal },
  );
  tell({ type: 'ready' });
}

/**
 * The height of what there is to read: not that of the frame, which follows from
 * it. Told whenever it changes, and again when asked.
 */
function tellHeight(tell: (message: object) => void, signal: AbortSignal): () => void {
  const app = document.getElementById('app');
  let told = 0;
  const again = () => {
    if (told > 0) tell({ type: 'height', height: told });
  };
  if (!app) return again;
  const sizes = new ResizeObserver(() => {
    const height = Math.ceil(app.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    again();
  });
  sizes.observe(app);
  signal.addEventListener('abort', () => sizes.disconnect());
  return again;
}

function isSettings(data: unknown): data is Look {
  const said = data as { fresque?: unknown; type?: unknown } | null;
  return typeof said === 'object' && said?.fresque === VERSION && said.type === 'settings';
}
