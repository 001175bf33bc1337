/** What a feed scrolls in: the page, or an element of it. Lengths in pixels. */
export interface Scroll {
  readonly at: number;
  readonly height: number;
  by(shift: number): void;
  to(at: number): void;
  /** Where an element begins, however far it is scrolled. */
  topOf(element: HTMLElement): number;
  listen(onscroll: () => void): () => void;
}

const page: Scroll = {
  get at() {
    return window.scrollY;
  },
  get height() {
    return window.innerHeight;
  },
  by: (shift) => window.scrollBy(0, shift),
  to: (at) => window.scrollTo(0, at),
  topOf: (element) => element.getBoundingClientRect().top + window.scrollY,
  listen: (onscroll) => listen(window, onscroll),
};

export function scrollOf(scroller: HTMLElement | undefined): Scroll {
  if (!scroller) return page;
  return {
    get at() {
      return scroller.scrollTop;
    },
    get height() {
      return scroller.clientHeight;
    },
    by: (shift) => scroller.scrollBy(0, shift),
    to: (at) => scroller.scrollTo(0, at),
    topOf: (element) =>
      element.getBoundingClientRect().top -
      scroller.getBoundingClientRect().top +
      scroller.scrollTop,
    listen: (onscroll) => listen(scroller, onscroll),
  };
}

function listen(target: EventTarget, onscroll: () => void): () => void {
  target.addEventListener('scroll', onscroll, { passive: true });
  return () => target.removeEventListener('scroll', onscroll);
}
