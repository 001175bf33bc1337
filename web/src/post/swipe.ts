import type { Attachment } from 'svelte/attachments';

/** A swipe is at least so long, in pixels, and more across than down. */
const SHORTEST = 50;
const FLATTEST = 1.5;
/** What moves sideways by itself keeps its own swipes. */
const OWN = '[data-keys], audio, video, input, textarea, [contenteditable]';

/** Tells a finger's swipes across an element: -1 for the one before, 1 for the next. */
export function swipes(onswipe: (step: -1 | 1) => void): Attachment<HTMLElement> {
  return (element) => {
    let from: { x: number; y: number } | undefined;
    const start = ({ touches, target }: TouchEvent) => {
      const [one] = touches;
      const free = touches.length === 1 && !(target as Element).closest(OWN);
      from = one && free ? { x: one.clientX, y: one.clientY } : undefined;
    };
    const end = ({ changedTouches }: TouchEvent) => {
      const [one] = changedTouches;
      if (!one || !from) return;
      const [x, y] = [one.clientX - from.x, one.clientY - from.y];
      from = undefined;
      if (Math.abs(x) > SHORTEST && Math.abs(x) > FLATTEST * Math.abs(y)) onswipe(x < 0 ? 1 : -1);
    };
    element.addEventListener('touchstart', start, { passive: true });
    element.addEventListener('touchend', end, { passive: true });
    return () => {
      element.removeEventListener('touchstart', start);
      element.removeEventListener('touchend', end);
    };
  };
}
