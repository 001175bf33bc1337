import type { Change } from '../api/types';

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
  const channel = new BroadcastChannel(name);
  let open = true;
  channel.onmessage = ({ data }: MessageEvent<{ answer?: Change }>) => heard(data.answer);
  return {
    async alone(run) {
      // Only secure pages have locks; without, two tabs may send the same, which is harmless (S3).
      if (navigator.locks) await navigator.locks.request(name, run);
      else await run();
    },
    tell(answer) {
      if (open) channel.postMessage({ answer });
    },
    close() {
      open = false;
      channel.close();
    },
  };
}
