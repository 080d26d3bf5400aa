import type { Context, Rights, Services, SessionCookies } from '../schema/context.ts';
import { hasScope, may } from '../services/accounts/capabilities.ts';
import type { Database } from '../services/platform/database.ts';
import { anonymousViewer, isAuthenticated, type Viewer } from '../services/platform/viewer.ts';
import { createLoaders } from './loaders.ts';
import { NO_COOKIES } from './session-cookies.ts';
import type { LiveSocket } from './live-socket.ts';

export interface ContextPorts {
  readonly db: Database;
  readonly services: Services;
  /** Whether instruments, bars and quotes may be read without a log-in. */
  readonly isMarketDataPublic: boolean;
}

/**
 * What the resolvers of one request, or of one event of a stream, know. The viewer is copied: the
 * database keeps the snapshot by the identity of the object, and scopes are cached by the context's.
 */
export function createContext(
  { db, services, isMarketDataPublic }: ContextPorts,
  caller: Viewer,
  {
    cookies = NO_COOKIES,
    socket = null,
  }: { readonly cookies?: SessionCookies; readonly socket?: LiveSocket | null } = {},
): Context {
  const viewer = { ...caller };
  // Many events of streams are read without either.
  let client: Context['db'] | undefined;
  let loaders: Context['load'] | undefined;
  return {
    viewer,
    rights: rightsOf(viewer, isMarketDataPublic),
    get db() {
      return (client ??= db.clientFor(viewer));
    },
    get load() {
      return (loaders ??= createLoaders({ ...services, db }, viewer));
    },
    cookies,
    socket,
    services,
  };
}

/**
 * What the resolvers of an event know that is executed once for many: nobody asks. Market data is there,
 * since only those share it who may read it.
 */
export function sharedContext(ports: ContextPorts): Context {
  return createContext({ ...ports, isMarketDataPublic: true }, anonymousViewer());
}

function rightsOf(viewer: Viewer, isMarketDataPublic: boolean): Rights {
  const isLoggedIn = isAuthenticated(viewer);
  return {
    isLoggedIn,
    isAdministrator: may(viewer, 'READ_EVERYONE'),
    mayReadMarketData: isMarketDataPublic || isLoggedIn,
    may: (capability) => may(viewer, capability),
    hasAnyScope: (scopes) =>
      viewer.apiKey === null || scopes.some((scope) => hasScope(viewer, scope)),
  };
}
