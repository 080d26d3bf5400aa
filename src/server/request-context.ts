import type { YogaInitialContext } from 'graphql-yoga';
import type { IncomingMessage } from 'node:http';
import { soon, type Soon } from '../services/platform/soon.ts';
import { bearerToken } from './bearer.ts';
import type { Caller, Callers } from './callers.ts';
import type { ClientAddress } from './client-address.ts';
import { createContext, type ContextPorts } from './context.ts';
import type { LiveSocket } from './live-socket.ts';
import type { ServerApp } from './ports.ts';
import type { ServerContext } from './server-context.ts';
import { refuseExpired } from './session-end.ts';
import { NO_COOKIES, type CookieJars } from './session-cookies.ts';
import type { Deliver } from './live-results.ts';
import { userAgentOf } from './user-agent.ts';

/** What a socket gives to its operations in place of a request. */
interface SocketContext {
  readonly currentCaller: () => Caller;
  readonly socket: LiveSocket;
  readonly deliver: Deliver;
}

export interface ServerInitialContext extends Partial<SocketContext> {
  readonly req?: IncomingMessage;
}

interface RequestContextPorts extends ContextPorts, Pick<ServerApp, 'ids' | 'clock'> {
  readonly callers: Callers;
  readonly clientAddress: ClientAddress;
  readonly cookieJars: CookieJars;
}

/** Makes the context of an operation, over whatever transport it came. */
export function createContextOf(ports: RequestContextPorts) {
  const { cookieJars, clock } = ports;
  const contextFor = (initial: Initial, caller: Caller): ServerContext => {
    const { request } = initial;
    const cookies = request ? cookieJars.of(request) : NO_COOKIES;
    const confirm = () => {
      const current = initial.currentCaller?.() ?? caller;
      refuseExpired(current, clock.now());
      return current;
    };
    const brought = { cookies, socket: initial.socket ?? null };
    const renew = () => createContext(ports, confirm().viewer, brought);
    const lastEventId = request?.headers.get('last-event-id');
    const ofRequest = !initial.currentCaller && { caller, ...(lastEventId && { lastEventId }) };
    const { deliver } = initial;
    return Object.assign(renew(), {
      ...{ renew, confirm, requestedCost: null },
      ...(deliver && { deliver }),
      ...ofRequest,
    });
  };
  return (initial: Initial): Soon<ServerContext> =>
    soon(callerOf(initial, ports), (caller) => contextFor(initial, caller));
}

/** What is known of an operation before there is a context. */
type Initial = ServerInitialContext & Partial<Pick<YogaInitialContext, 'request'>>;

function callerOf(
  initial: Initial,
  { callers, ids, clientAddress, cookieJars }: RequestContextPorts,
): Soon<Caller> {
  if (initial.currentCaller) return initial.currentCaller();
  const { request } = initial;
  const circumstances = {
    requestId: ids.next(),
    address: initial.req ? clientAddress(initial.req) : null,
    userAgent: userAgentOf(request?.headers.get('user-agent')),
  };
  const token = bearerToken(request?.headers.get('authorization'));
  const cookie = request && cookieJars.of(request).accessToken;
  return token === undefined
    ? callers.identifyByCookie(cookie, circumstances)
    : callers.identify(token, circumstances);
}
