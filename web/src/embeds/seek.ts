/** Goes to a second of what it plays, from 0. */
export type Seek = (seconds: number) => void;

/** Players that can go to a second, by the attachment they play; the one shown last comes last. */
const players = new Map<string, Seek[]>();

/** Says that an attachment is played here; gives what takes that back. */
export function plays(attachment: string, seek: Seek): () => void {
  players.set(attachment, [...(players.get(attachment) ?? []), seek]);
  return () => {
    const left = (players.get(attachment) ?? []).filter((one) => one !== seek);
    if (left.length > 0) players.set(attachment, left);
    else players.delete(attachment);
  };
}

/** Has what plays an attachment go to a second; the one shown last, of several. False when nothing does. */
export function seekTo(attachment: string, seconds: number): boolean {
  const player = players.get(attachment)?.at(-1);
  player?.(seconds);
  return player !== undefined;
}
