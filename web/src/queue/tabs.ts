import type { Change } from '../api/types';
import { lasting } from '../device/storage';

/** The tabs of this browser that have the same queue. */
export interface Siblings {
  /** Runs something in one tab at a time, where the browser can see to it. */
  alone(run: () => Promise<void>): Promise<void>;
  /** Tells the others that the queue has changed, and the answer that changed it. */
  tell(answer: Change | undefined): void;
  close(): void;
}

export function tabsOf(owner: string, heard: (answer: Change | undefined) => void): Siblings {
  const name = `fresque.queue.${owner}`;
  const channel = channelOf(name);
  let open = channel !== undefined;
  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<{ answer?: Change }>) => heard(data.answer);
  }
  return {
    async alone(run) {
      // Only secure pages have locks, and frames of other sites may be refused them;
      // without, two tabs may send the same, which is harmless (S3).
      if (!lasting || !navigator.locks) return run();
      let began = false;
      const begin = () => {
        began = true;
        return run();
      };
      await navigator.locks.request(name, begin).catch((error: unknown) => {
        if (began) throw error;
        return run();
      });
    },
    tell(answer) {
      if (open) channel?.postMessage({ answer });
    },
    close() {
      open = false;
      channel?.close();
    },
  };
}

/** A page that keeps nothing has nothing in common with another. */
function channelOf(name: string): BroadcastChannel | undefined {
  try {
    return lasting ? new BroadcastChannel(name) : undefined;
  } catch {
    return undefined;
  }
}
