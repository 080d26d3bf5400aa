import { looksLikeApiKey } from '../services/accounts/api-key.ts';
import { Unauthenticated } from '../services/platform/errors.ts';
import { bearerToken } from './bearer.ts';
import type { Caller, Callers, Circumstances } from './callers.ts';
import type { OpenPlaces } from './open-places.ts';
import {
  refuseExpired,
  watchSession,
  type SessionEnd,
  type SessionEndPorts,
} from './session-end.ts';

/** Codes of graphql-ws: its clients come again after the first, and give up after the second. */
const MAY_RETURN = 4403;
const IS_OVER = 4401;
/** Of WebSockets: clients come again after a while. */
const TRY_LATER = 1013;
/** A session that was found to be good is so for as long, unless an event says otherwise. */
const GOOD_FOR_MS = 1_000;

export interface SocketSessionPorts extends SessionEndPorts {
  readonly callers: Callers;
  readonly circumstances: Circumstances;
  /** For as many sockets as one person may have. */
  readonly places: OpenPlaces;
  readonly close: (code: number, reason: string) => void;
}

/** What came with the request that opened the socket. */
export interface Opening {
  /** The header of that name. */
  readonly authorization: string | undefined;
  /** An access token from a cookie that counts. */
  readonly cookie: string | undefined;
}

/** Who is behind a socket, from its first message to its end. */
export interface SocketSession {
  /** Whether the caller may connect. What they say themselves goes before what opened the socket. */
  connect(params: unknown, opening: Opening): Promise<boolean>;
  /** Another token of the same person, over the open socket. */
  renew(payload: unknown): Promise<void>;
  /**
   * Looks whether the session is still good, for an operation that begins; at most once a second. Closes
   * the socket of one that is not, and {@link caller} refuses from then on.
   * @throws Unauthenticated for a token that has run out
   */
  confirm(): Promise<void>;
  /** @throws Unauthenticated for one whose session or token has ended */
  caller(): Caller;
  end(): void;
}

export function createSocketSession(ports: SocketSessionPorts): SocketSession {
  const { clock, places, close } = ports;
  const identity = createIdentity(ports);
  let current: Caller | undefined;
  let confirmedAtMs = 0;
  let over: Unauthenticated | undefined;
  let hasEnded = false;
  let stopWatching = (): void => undefined;
  let giveBack: (() => void) | undefined;

  const finish = ({ error, mayReturn }: SessionEnd): void => {
    over ??= error;
    close(mayReturn ? MAY_RETURN : IS_OVER, over.message);
  };
  const accept = (caller: Caller): void => {
    stopWatching();
    current = caller;
    confirmedAtMs = clock.now().getTime();
    // The socket may have closed while its token was looked at: nobody would stop the watch.
    if (!hasEnded) stopWatching = watchSession(ports, caller, finish);
  };
  /** Whether there is one among the sockets of the person; whoever is nobody needs none. */
  const takePlace = ({ viewer: { userId } }: Caller): boolean => {
    giveBack = userId === null ? () => undefined : places.take(userId);
    if (hasEnded) giveBack?.();
    return giveBack !== undefined;
  };

  return {
    async connect(params, { authorization, cookie }) {
      const token = tokenOf(params) ?? authorizationToken(authorization);
      const caller = await identity.find(token === undefined ? { cookie } : { token });
      if (caller && !takePlace(caller)) {
        close(TRY_LATER, 'Too many sockets of one person are open.');
        return false;
      }
      if (caller) accept(caller);
      // A key that is no good does not become good: its client is told not to come again.
      else if (token !== undefined && looksLikeApiKey(token)) close(IS_OVER, 'Unauthorized');
      return caller !== undefined;
    },
    async renew(payload) {
      const token = tokenOf(payload);
      if (token === undefined) return;
      const caller = await identity.find({ token });
      if (!current || !caller || caller.viewer.userId !== current.viewer.userId) {
        close(MAY_RETURN, 'The access token is not good.');
        return;
      }
      accept(caller);
    },
    async confirm() {
      const now = clock.now();
      if (!current || now.getTime() - confirmedAtMs < GOOD_FOR_MS) return;
      refuseExpired(current, now);
      confirmedAtMs = now.getTime();
      const { viewer } = current;
      const found = (await identity.findAgain())?.viewer;
      const isSame = found?.userId === viewer.userId;
      if (isSame && found.role === viewer.role) return;
      finish({ error: new Unauthenticated('The session has ended.'), mayReturn: isSame });
    },
    caller() {
      if (!current) throw new Unauthenticated('The connection was not initialised.');
      if (over) throw over;
      refuseExpired(current, clock.now());
      return current;
    },
    end() {
      hasEnded = true;
      stopWatching();
      giveBack?.();
    },
  };
}

/** What somebody shows for who they are. */
type Shown = { readonly token: string } | { readonly cookie: string | undefined };

/** Finds who is behind what was shown, and again later. */
function createIdentity({ callers, circumstances }: SocketSessionPorts) {
  let shown: Shown = { cookie: undefined };
  /** Undefined for a token that is not good. */
  const findAgain = async (): Promise<Caller | undefined> => {
    if ('cookie' in shown) return callers.identifyByCookie(shown.cookie, circumstances);
    try {
      return await callers.identify(shown.token, circumstances);
    } catch (error) {
      if (error instanceof Unauthenticated) return undefined;
      throw error;
    }
  };
  return {
    findAgain,
    find(given: Shown) {
      shown = given;
      return findAgain();
    },
  };
}

/** `{ accessToken }`, or `{ Authorization: "Bearer …" }` as GraphiQL and other clients send it. */
function tokenOf(params: unknown): string | undefined {
  if (params === null || typeof params !== 'object') return undefined;
  const given = params as Record<string, unknown>;
  const { accessToken } = given;
  if (typeof accessToken === 'string' && accessToken !== '') return accessToken;
  return authorizationToken(given['Authorization'] ?? given['authorization']);
}

/** A header that is none of ours counts as a token that is not good. */
function authorizationToken(header: unknown): string | undefined {
  if (typeof header !== 'string') return undefined;
  try {
    return bearerToken(header);
  } catch {
    return header;
  }
}
