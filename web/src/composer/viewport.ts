/**
 * Tells an element how much of the screen the keyboard leaves, in the custom
 * properties `--visible-height` and `--visible-top`: no viewport unit does on
 * every phone. Returns how to stop.
 */
export function followVisibleHeight(element: HTMLElement): () => void {
  const viewport = window.visualViewport;
  if (!viewport) return () => undefined;
  const follow = () => {
    // Zoomed in by hand, the visible part is no measure for a dialog.
    const zoomed = viewport.scale > 1.01;
    set('--visible-height', zoomed ? undefined : viewport.height);
    set('--visible-top', zoomed ? undefined : viewport.offsetTop);
  };
  const set = (name: string, pixels: number | undefined) => {
    if (pixels === undefined) element.style.removeProperty(name);
    else element.style.setProperty(name, `${pixels}px`);
  };
  follow();
  viewport.addEventListener('resize', follow);
  viewport.addEventListener('scroll', follow);
  return () => {
    viewport.removeEventListener('resize', follow);
    viewport.removeEventListener('scroll', follow);
  };
}
