/**
 * What the wall page and the composer agree on. The wall loads the composer on
 * demand and hands it everything it needs; the composer never talks to the
 * network by itself.
 */
import type { Author, Limits, LinkPreview, Media, Post, Section, Settings } from './api/types';

/** What a person has written. Ids are UUIDv7 made in the browser, so that any send may be repeated. */
export interface PostDraft {
  title: string;
  /** HTML of the canonical rich text set; empty when nothing was written. */
  body: string;
  attachments: AttachmentDraft[];
  /** Where it goes, empty for no section; left out of an edit that does not move it. */
  sectionId?: string;
  /** A named colour, empty for plain; left out of an edit that does not change it. */
  colour?: string;
  /** Its place by hand; left out, where the board puts new posts. */
  order?: string;
}

/** Where a new post was asked for. */
export interface Wanted {
  readonly section?: string | undefined;
  readonly order?: string | undefined;
  /** Files that were dropped or pasted on the wall, to begin with. */
  readonly files?: readonly File[] | undefined;
  /** An address that was pasted on the wall. */
  readonly url?: string | undefined;
}

/** What the board asks of a person's posts. Reactive reads. */
export interface ComposerRules {
  /** Whether they bind this person: who makes them may break them. */
  readonly binding: boolean;
  readonly settings: Pick<
    Settings,
    'required' | 'maxLength' | 'kinds' | 'plainPosts' | 'postsEach'
  > &
    Partial<Pick<Settings, 'anonymity' | 'moderation' | 'groups'>>;
  /** What the person's group is called; undefined where they have none. */
  readonly group?: string | undefined;
  /** The sections that this person may write in, in their order. */
  readonly sections: readonly Pick<Section, 'id' | 'title'>[];
  /** How many posts this person may still make; undefined for any number. */
  readonly left: number | undefined;
  /** What may be sent, as the server told it last; undefined until it has. */
  readonly limits?: Limits | undefined;
}

/** One attachment, in the order of the post: `url` for a link, `mediaId` for an upload. */
export interface AttachmentDraft {
  id: string;
  type: 'link' | 'media';
  url?: string;
  mediaId?: string;
  caption: string;
  alt: string;
  /** Of captions: the attachment, a sound or a video, that they are of, and their language. */
  captionsOf?: string;
  language?: string;
}

/** How an upload tells its progress. Sizes are in bytes. `done` means the server has every byte, not that the upload is ready. */
export interface UploadEvents {
  progress(sent: number, total: number): void;
  done(): void;
  failed(problem: UploadProblem): void;
  /** The server has asked to wait: it goes on by itself, which `progress` tells. */
  waiting?(): void;
}

/** `retry` tells that `UploadHandle.retry` may succeed with the same file. */
export interface UploadProblem {
  code: string;
  detail: string;
  retry: boolean;
}

export interface UploadHandle {
  cancel(): void;
  retry(): void;
  /** Stops, and leaves the rest to whoever sends the same file under the same id later. */
  leave(): void;
}

/** Starts at once. `mediaId` is a new UUIDv7; the same id is the attachment's `mediaId`. */
export type StartUpload = (file: File, mediaId: string, on: UploadEvents) => UploadHandle;

/** A file whose bytes could not be sent: whoever takes the draft sends them. */
export interface FileLeft {
  readonly mediaId: string;
  readonly file: File;
}

/** Keeps the files of a draft on the device, so that sending them goes on after a reload. None of it throws. */
export interface DraftFiles {
  put(mediaId: string, file: File): Promise<void>;
  get(mediaId: string): Promise<File | undefined>;
  drop(mediaIds: readonly string[]): Promise<void>;
}

export interface SubmitOptions {
  /** The person has seen the version that came in between, and wants theirs. */
  overwrite?: boolean;
  files?: readonly FileLeft[];
}

/**
 * The props of `composer/Composer.svelte` (default export). It renders its own
 * `ui/Dialog`; the wall mounts it to open it, and unmounts it on `onclose`.
 */
export interface ComposerProps {
  /** The post being edited; absent for a new one. */
  post?: Post | undefined;
  /** Resolves when the draft is safe with the wall (sent, or kept to be sent again); rejects with an `ApiProblem` the person can act on. */
  submit: (draft: PostDraft, options?: SubmitOptions) => Promise<void>;
  /** A version that came in between, to be compared first. */
  theirs?: Post | undefined;
  /** The person has chosen that version over their own. */
  onyield?: (() => void) | undefined;
  startUpload: StartUpload;
  /** Asks what a link would look like on the wall; absent where nobody can tell. */
  previewLink?: ((url: string) => Promise<LinkPreview>) | undefined;
  /** A reactive read: inside an effect or a template it follows the live wall. */
  mediaState: (id: string) => Media | undefined;
  onclose: () => void;
  /** The person has typed something. */
  ontyping?: (() => void) | undefined;
  boardId: string;
  /** Whose the post will be, for showing it beforehand. */
  me?: Author | undefined;
  files?: DraftFiles | undefined;
  rules?: ComposerRules | undefined;
  wanted?: Wanted | undefined;
}

/** Where to send the bytes of one upload; `token` goes in `Authorization: Bearer`. */
export interface UploadTicket {
  url: string;
  token: string;
  /** RFC 3339. */
  expiresAt: string;
  /** Bytes. */
  maxBytes: number;
}

/** Asks for the upload of a file; the same id may be asked for again. */
export type AskTicket = (input: {
  id: string;
  size: number;
  type: string;
  name: string;
}) => Promise<UploadTicket>;

/**
 * What `upload/index.ts` exports as `startUpload`: the wall binds `ticket` to
 * its session and gives the composer a `StartUpload`. `ticket` may be called
 * again with the same id for a fresh token; it rejects with an `ApiProblem`.
 */
export type Uploader = (
  ticket: AskTicket,
  file: File,
  mediaId: string,
  on: UploadEvents,
) => UploadHandle;
