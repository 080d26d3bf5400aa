import type { WatchedSocket } from '../services/trading/disconnect-switches.ts';

/** A socket, for those who do something when it ends. */
export interface LiveSocket extends WatchedSocket {
  /** It has ended. */
  end(): void;
}

export function createLiveSocket(): LiveSocket {
  const works = new Set<() => void>();
  let hasEnded = false;
  return {
    onClose(work) {
      if (hasEnded) work();
      else works.add(work);
    },
    end() {
      hasEnded = true;
      for (const work of works) work();
      works.clear();
    },
  };
}
