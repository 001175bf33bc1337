/** Goes to a second of what it plays, from 0. */
export type Seek = (seconds: number) => void;

/** What is played, and where. */
export interface Moment {
  readonly attachmentId: string;
  /** From 0. */
  readonly seconds: number;
  /** Whether it is there now: a frame tells only where it starts. */
  readonly exact: boolean;
}

/** The players of the page that can go to a second: of several of one attachment, the one in front counts. */
export class Playing {
  readonly #players = new Map<string, Seek[]>();
  /** By attachment, the one that told last comes last. */
  #moments = $state.raw<ReadonlyMap<string, Moment>>(new Map());

  /** What of these was played last and is there still; undefined for nothing. Reactive. */
  at(attachments: readonly string[]): Moment | undefined {
    return [...this.#moments.values()].findLast((one) => attachments.includes(one.attachmentId));
  }

  /** Has what plays an attachment go to a second; false when nothing does. */
  seek(attachment: string, seconds: number): boolean {
    const player = this.#players.get(attachment)?.at(-1);
    player?.(seconds);
    return player !== undefined;
  }

  /** Says that an attachment is played by an element; gives what takes that back. */
  plays(attachment: string, element: Element | undefined, seek: Seek): () => void {
    const others = this.#players.get(attachment) ?? [];
    // What is in a dialog is in front of what is on the wall, whichever came first.
    const front = element?.closest('dialog');
    this.#players.set(attachment, front ? [...others, seek] : [seek, ...others]);
    return () => {
      const left = (this.#players.get(attachment) ?? []).filter((one) => one !== seek);
      if (left.length > 0) {
        this.#players.set(attachment, left);
        return;
      }
      this.#players.delete(attachment);
      this.#moments = this.#without(attachment);
    };
  }

  /** Says where an attachment is played. */
  tells(attachmentId: string, seconds: number, exact = true): void {
    const others = this.#without(attachmentId);
    this.#moments = others.set(attachmentId, { attachmentId, seconds, exact });
  }

  #without(attachment: string): Map<string, Moment> {
    return new Map([...this.#moments].filter(([id]) => id !== attachment));
  }
}

export const playing = new Playing();

/** Lets the page know where a sound or a video is, and have it go elsewhere. */
export function followed(attachment: string) {
  return (element: HTMLMediaElement): (() => void) => {
    const tell = () => playing.tells(attachment, element.currentTime);
    element.addEventListener('timeupdate', tell);
    const gone = playing.plays(attachment, element, (seconds) => {
      element.currentTime = seconds;
      element.scrollIntoView({ block: 'nearest' });
      // Where it may not play by itself, it waits there for the person.
      void element.play().catch(() => undefined);
    });
    return () => {
      element.removeEventListener('timeupdate', tell);
      gone();
    };
  };
}
