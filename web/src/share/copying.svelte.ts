/** Copies a text, and knows how that went. */
export class Copying {
  #done = $state(false);
  #failed = $state(false);

  get done(): boolean {
    return this.#done;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** Refused, or in no secure context, the text is selected in its field: one keystroke away. */
  async copy(text: string, field: HTMLInputElement | HTMLTextAreaElement | undefined) {
    this.#failed = false;
    try {
      await navigator.clipboard.writeText(text);
      this.#done = true;
    } catch {
      field?.select();
      this.#failed = true;
    }
  }
}
