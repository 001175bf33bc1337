/** A player of the post that is looked at, for comments about a moment of it. */
export interface Playing {
  /**
   * What is played now, and where, in seconds; undefined for nothing. What is
   * not exact does not tell where it is: a person says which moment they mean.
   * Reactive.
   */
  at(): { attachmentId: string; seconds: number; exact: boolean } | undefined;
  /** Plays an attachment from a moment on; false where it can't be. */
  seek(attachmentId: string, seconds: number): boolean;
}
