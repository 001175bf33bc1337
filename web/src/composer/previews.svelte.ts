import { getContext, setContext } from 'svelte';
import type { LinkPreview, Media } from '../api/types';
import type { ComposerProps } from '../composer-seam';

type Ports = Pick<ComposerProps, 'previewLink' | 'mediaState'>;

const KEY = Symbol('previews');

/** Gives the rows of links what they ask for their previews. */
export function givePreviews(ports: Ports): void {
  setContext(KEY, ports);
}

/** What a link would look like on the wall, as far as it is known. */
export class Preview {
  #asked = $state.raw<LinkPreview>();
  readonly #ports = getContext<Ports | undefined>(KEY);

  /** Asks for it. Without it the link is a plain one, which is no reason to say anything. */
  ask(url: string): void {
    this.#ports?.previewLink?.(url).then(
      (asked) => {
        this.#asked = asked;
      },
      () => undefined,
    );
  }

  /** The link as a post would show it. Reactive. */
  get attachment(): LinkPreview['attachment'] | undefined {
    return this.#asked?.attachment;
  }

  /** What is known of its page. Reactive. */
  get media(): Media | undefined {
    const { attachment, media } = this.#asked ?? {};
    const live = this.#ports?.mediaState(attachment?.previewId ?? '');
    return live && live.rev >= (media?.rev ?? 0) ? live : media;
  }
}
