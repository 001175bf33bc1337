/** What the queue of unsent writes is made of. Everything here can be stored as it is. */
import type { ProblemBody } from '../api/problem';
import type { Comment, Post } from '../api/types';
import type { PostDraft } from '../composer-seam';
import type { BoardEdit } from './board-edit';
import type { BulkWrite } from './bulk';

/** A comment as it is written. */
export interface CommentDraft {
  /** Sanitised HTML. */
  readonly body: string;
  readonly replyTo?: string;
  readonly attachmentId?: string;
  /** Seconds. */
  readonly at?: number;
}

/** Where a post goes; what is left out stays. The empty section is none. */
export interface Destination {
  readonly sectionId?: string;
  readonly order?: string;
}

/**
 * One change that a person has made, to one document. `rev` is the revision it
 * was made on; undefined: that which the write before it in the queue leads to.
 */
export type Write =
  | { readonly kind: 'create'; readonly id: string; readonly draft: PostDraft }
  | {
      readonly kind: 'edit';
      readonly id: string;
      readonly draft: PostDraft;
      readonly rev: number | undefined;
    }
  | { readonly kind: 'delete'; readonly id: string; readonly rev: number | undefined }
  /** Commutes with what others do; `rev` is the revision that the person saw. */
  | {
      readonly kind: 'move';
      readonly id: string;
      readonly to: Destination;
      readonly rev: number | undefined;
    }
  /** `post` is what comes back, for showing it meanwhile. */
  | { readonly kind: 'restore'; readonly id: string; readonly post: Post }
  | {
      readonly kind: 'board';
      readonly id: string;
      readonly changes: BoardEdit;
      readonly rev: number | undefined;
    }
  /** Puts the board away, or takes it out again; `id` is the board's. */
  | { readonly kind: 'archive'; readonly id: string; readonly archived: boolean }
  | BulkWrite
  | TalkWrite;

/** What is said and given to a post, `on` which it is. */
export type TalkWrite =
  | {
      readonly kind: 'comment';
      readonly id: string;
      readonly on: string;
      readonly said: CommentDraft;
    }
  | {
      readonly kind: 'comment_edit';
      readonly id: string;
      readonly on: string;
      readonly body: string;
      readonly rev: number | undefined;
    }
  | { readonly kind: 'comment_delete'; readonly id: string; readonly on: string }
  /** `comment` is what comes back, for showing it meanwhile. */
  | {
      readonly kind: 'comment_restore';
      readonly id: string;
      readonly on: string;
      readonly comment: Comment;
    }
  /** `id` is not the post's: what waits for that is another matter. */
  | { readonly kind: 'react'; readonly id: string; readonly on: string; readonly value: number };

/** Why the server will not take a write as it is: the part of an `ApiProblem` that can be stored. */
export interface Trouble extends Pick<ProblemBody, 'code' | 'detail' | 'errors' | 'current'> {
  readonly status: number;
}

/** A picture that is still to be sent; its bytes are kept under `mediaId`. */
export interface FileToSend {
  readonly mediaId: string;
  /** Bytes. */
  readonly size: number;
}

export interface QueuedWrite {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly write: Write;
  /** Whether it may have reached the server: it must then be sent as it is, not changed. */
  readonly attempted: boolean;
  readonly trouble: Trouble | undefined;
  readonly files: readonly FileToSend[];
}

/** What a person sees of one document's unsent writes. */
export interface Waiting {
  /** The post's, comment's or board's id. */
  readonly id: string;
  /** Of what is said or given to a post: that post's. */
  readonly post?: string;
  /** The kind of the last write that counts: what the server has not done. */
  readonly kind: Write['kind'];
  readonly trouble: Trouble | undefined;
  /** Whether it outlives the page. */
  readonly lasting: boolean;
  /** How much of its pictures is sent, from 0 to 1, while they are. */
  readonly progress: number | undefined;
}
