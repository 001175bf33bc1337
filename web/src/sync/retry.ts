import { ApiProblem } from '../api/problem';

const PAUSES_MS = [400, 1_500];

/**
 * Sends again what may be sent again: every write of the app has an id or a
 * revision that makes a repeat harmless (S3). Gives the last problem up.
 */
export async function persist<T>(send: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ApiProblem) || !error.transient) throw error;
      const asked = (error.retryAfter ?? 0) * 1000;
      if (asked > 5_000) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.max(asked, pause)));
    }
  }
  return send();
}
