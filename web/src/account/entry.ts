import type { Answer, SignedIn } from '../sync/session.svelte';
import { account } from './account.svelte';

/** Whoever has signed in, as they come onto a wall. */
export async function entry(): Promise<SignedIn> {
  const { token } = await account.session();
  return {
    token,
    async open(board): Promise<Answer> {
      const path = '/api/v1/account/walls/{board}/session';
      const response = await account.http.open('post', path, { path: { board }, body: {} });
      return { session: await response.json(), at: response.headers.get('Date') };
    },
  };
}
