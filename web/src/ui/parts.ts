/** How many parts of the page appear in one frame, and how long a frame is, in milliseconds. */
const TOGETHER = 4;
const FRAME_MS = 16;

const waiting: (() => void)[] = [];

/**
 * Resolves in a frame to come, a few at a time and in the order in which they
 * were asked. By timer, as a page out of sight has no frames.
 */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setTimeout(next, FRAME_MS);
  });
}

function next(): void {
  for (const go of waiting.splice(0, TOGETHER)) go();
  if (waiting.length > 0) setTimeout(next, FRAME_MS);
}

/**
 * Fetches a part once for all who need it, and once more when that has failed:
 * what the build makes of an `import()` looks through the whole page each time.
 */
export function once<M>(load: () => Promise<M>): () => Promise<M> {
  let loading: Promise<M> | undefined;
  return () => {
    loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

/** The same for what may follow the words of many cards that appear at once: a few in each frame. */
export function inTurn<M>(load: () => Promise<M>): () => Promise<M> {
  const get = once(load);
  return () => turn().then(get);
}
