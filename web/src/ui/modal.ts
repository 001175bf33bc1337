/**
 * An attachment that shows a `<dialog>` as a modal for as long as it is on the
 * page, then gives the focus back to where it was. The browser would do so
 * itself, had the element not left the page by the time it closes.
 */
export function modal(dialog: HTMLDialogElement): () => void {
  const opener = document.activeElement;
  dialog.showModal();
  return () => {
    dialog.close();
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  };
}
