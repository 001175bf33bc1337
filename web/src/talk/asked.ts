/** The post whose thread was asked for, and is to be gone to once it is there. */
let asked: string | undefined;

export function goToThread(post: string): void {
  asked = post;
}

/** Whether a post's thread was asked for; told once. */
export function isAsked(post: string): boolean {
  const is = asked === post;
  if (is) asked = undefined;
  return is;
}
