import type { ApiKeyAccess } from '../services/accounts/api-key-access.ts';
import { looksLikeApiKey } from '../services/accounts/api-key.ts';
import type { Sessions } from '../services/accounts/sessions.ts';
import { Unauthenticated } from '../services/platform/errors.ts';
import type { Soon } from '../services/platform/soon.ts';
import { anonymousViewer, type Viewer } from '../services/platform/viewer.ts';

export interface Circumstances {
  readonly requestId: string;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** Who calls: found once for a request, and anew whenever a socket sends another token. */
export interface Caller {
  /** Copied for each request and event; see createContext. */
  readonly viewer: Viewer;
  /** Until when the token is good; undefined for one who has none, and for a key that does not run out. */
  readonly expiresAt: Date | undefined;
  /** Head of the event log when the session was found to be good; 0 for one who has none. */
  readonly goodUpTo: bigint;
}

export interface Callers {
  /** Unauthenticated for a token or a key that is not good; without a token the caller is anonymous. */
  identify(token: string | undefined, circumstances: Circumstances): Soon<Caller>;
  /** A token of a cookie that is not good counts as none: its page can neither see it nor drop it. */
  identifyByCookie(token: string | undefined, circumstances: Circumstances): Soon<Caller>;
}

const nobody = (circumstances: Circumstances): Caller => ({
  viewer: anonymousViewer(circumstances),
  expiresAt: undefined,
  goodUpTo: 0n,
});

export function createCallers({
  apiKeys,
  sessions,
}: {
  readonly apiKeys: Pick<ApiKeyAccess, 'authenticate'>;
  readonly sessions: Pick<Sessions, 'authenticate'>;
}): Callers {
  const callers: Callers = {
    identify(token, circumstances) {
      if (token === undefined) return nobody(circumstances);
      const bearers = looksLikeApiKey(token) ? apiKeys : sessions;
      return bearers.authenticate(token, circumstances);
    },

    identifyByCookie(token, circumstances) {
      const caller = callers.identify(token, circumstances);
      if (!(caller instanceof Promise)) return caller;
      return caller.catch((error: unknown) => {
        if (error instanceof Unauthenticated) return nobody(circumstances);
        throw error;
      });
    },
  };
  return callers;
}
