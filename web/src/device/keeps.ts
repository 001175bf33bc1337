import { lasting } from './storage';

/** Whether what this page keeps outlives it: a browser may refuse, and a visit by a ticket does. */
export function keeps(): boolean {
  try {
    return lasting && localStorage !== null;
  } catch {
    return false;
  }
}
