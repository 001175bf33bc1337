/** Goes to a second of what it plays, from 0. */
export type Seek = (seconds: number) => void;

/** What is played, and where. */
export interface Moment {
  readonly attachmentId: string;
  /** From 0; of a frame, which does not tell, where it was opened. */
  readonly seconds: number;
}

/** The players of the page that can go to a second: of several of one attachment, the one shown last counts. */
export class Playing {
  readonly #players = new Map<string, Seek[]>();
  #moment = $state.raw<Moment>();

  /** What was played last and is there still; undefined for nothing. Reactive. */
  at(): Moment | undefined {
    return this.#moment;
  }

  /** Has what plays an attachment go to a second; false when nothing does. */
  seek(attachment: string, seconds: number): boolean {
    const player = this.#players.get(attachment)?.at(-1);
    player?.(seconds);
    return player !== undefined;
  }

  /** Says that an attachment is played here; gives what takes that back. */
  plays(attachment: string, seek: Seek): () => void {
    this.#players.set(attachment, [...(this.#players.get(attachment) ?? []), seek]);
    return () => {
      const left = (this.#players.get(attachment) ?? []).filter((one) => one !== seek);
      if (left.length > 0) {
        this.#players.set(attachment, left);
        return;
      }
      this.#players.delete(attachment);
      if (this.#moment?.attachmentId === attachment) this.#moment = undefined;
    };
  }

  /** Says where an attachment is played. */
  tells(attachment: string, seconds: number): void {
    this.#moment = { attachmentId: attachment, seconds };
  }
}

export const playing = new Playing();

/** Lets the page know where a sound or a video is, and have it go elsewhere. */
export function followed(attachment: string) {
  return (element: HTMLMediaElement): (() => void) => {
    const tell = () => playing.tells(attachment, element.currentTime);
    element.addEventListener('timeupdate', tell);
    const gone = playing.plays(attachment, (seconds) => {
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
