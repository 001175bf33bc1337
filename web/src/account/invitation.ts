/**
 * The invitation to a wall that somebody came with, kept in this tab while they
 * sign in, perhaps elsewhere.
 */
const KEY = 'fresque.invited';

function quietly<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined; // Nothing is kept here: the link is opened again.
  }
}

export const invitation = {
  keep: (code: string): void => quietly(() => sessionStorage.setItem(KEY, code)),
  kept: (): string | undefined => quietly(() => sessionStorage.getItem(KEY)) ?? undefined,
  forget: (): void => quietly(() => sessionStorage.removeItem(KEY)),
};
