/** What a feed scrolls in: the page, or an element of it. Lengths in pixels. */
export interface Scroll {
  /** Where it is, as it was last told: asking the browser would lay the page out, whatever has changed since. */
  readonly at: number;
  readonly height: number;
  /** Asks the browser for both: where the layout is clean, that costs nothing. */
  measure(): void;
  by(shift: number): void;
  to(at: number): void;
  /** Where an element begins, however far it is scrolled. */
  topOf(element: HTMLElement): number;
  listen(onscroll: () => void): () => void;
}

export function scrollOf(scroller: HTMLElement | undefined): Scroll {
  const target = scroller ?? window;
  const position = () => (scroller ? scroller.scrollTop : window.scrollY);
  let at = 0;
  let height = 0;
  const measure = () => {
    at = position();
    height = scroller ? scroller.clientHeight : window.innerHeight;
  };
  return {
    get at() {
      return at;
    },
    get height() {
      return height;
    },
    measure,
    by(shift) {
      target.scrollBy(0, shift);
      at = position();
    },
    to(there) {
      target.scrollTo(0, there);
      at = position();
    },
    topOf(element) {
      const above = scroller ? scroller.getBoundingClientRect().top : 0;
      return element.getBoundingClientRect().top - above + position();
    },
    listen(onscroll) {
      measure();
      const heard = () => {
        at = position();
        onscroll();
      };
      target.addEventListener('scroll', heard, { passive: true });
      window.addEventListener('resize', measure);
      return () => {
        target.removeEventListener('scroll', heard);
        window.removeEventListener('resize', measure);
      };
    },
  };
}
