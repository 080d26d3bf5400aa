import { looksLikeApiKey } from '../services/accounts/api-key.ts';
import { Unauthenticated } from '../services/platform/errors.ts';
import { bearerToken } from './bearer.ts';
import type { Caller, Callers, Circumstances } from './callers.ts';
import { watchSession, type SessionEndPorts } from './session-end.ts';

/** Codes of graphql-ws: its clients come again after the first, and give up after the second. */
const MAY_RETURN = 4403;
const IS_OVER = 4401;

export interface SocketSessionPorts extends SessionEndPorts {
  readonly callers: Callers;
  readonly circumstances: Circumstances;
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
  caller(): Caller;
  end(): void;
}

export function createSocketSession(ports: SocketSessionPorts): SocketSession {
  const { callers, circumstances, close } = ports;
  let current: Caller | undefined;
  let hasEnded = false;
  let stopWatching = (): void => undefined;

  const accept = (caller: Caller): void => {
    stopWatching();
    current = caller;
    // The socket may have closed while its token was looked at: nobody would stop the watch.
    if (hasEnded) return;
    stopWatching = watchSession(ports, caller, ({ error, mayReturn }) => {
      close(mayReturn ? MAY_RETURN : IS_OVER, error.message);
    });
  };
  /** Undefined for a token that is not good. */
  const identify = async (token: string | undefined): Promise<Caller | undefined> => {
    try {
      return await callers.identify(token, circumstances);
    } catch (error) {
      if (error instanceof Unauthenticated) return undefined;
      throw error;
    }
  };

  return {
    async connect(params, { authorization, cookie }) {
      const token = tokenOf(params) ?? authorizationToken(authorization);
      const caller =
        token === undefined
          ? await callers.identifyByCookie(cookie, circumstances)
          : await identify(token);
      if (caller) accept(caller);
      // A key that is no good does not become good: its client is told not to come again.
      else if (token !== undefined && looksLikeApiKey(token)) close(IS_OVER, 'Unauthorized');
      return caller !== undefined;
    },
    async renew(payload) {
      const token = tokenOf(payload);
      if (token === undefined) return;
      const caller = await identify(token);
      if (!current || !caller || caller.viewer.userId !== current.viewer.userId) {
        close(MAY_RETURN, 'The access token is not good.');
        return;
      }
      accept(caller);
    },
    caller() {
      if (!current) throw new Unauthenticated('The connection was not initialised.');
      return current;
    },
    end() {
      hasEnded = true;
      stopWatching();
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
