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
  const rights = rightsOf(viewer, isMarketDataPublic);
  return new LazyContext(db, { viewer, rights, cookies, socket, services });
}

/** Many operations, and more events of streams, need neither a client nor loaders: each is made when it is. */
class LazyContext implements Context {
  readonly viewer: Viewer;
  readonly rights: Rights;
  readonly cookies: SessionCookies;
  readonly socket: Context['socket'];
  readonly services: Services;
  readonly #db: Database;
  #client: Context['db'] | undefined;
  #loaders: Context['load'] | undefined;

  constructor(db: Database, known: Omit<Context, 'db' | 'load'>) {
    this.#db = db;
    this.viewer = known.viewer;
    this.rights = known.rights;
    this.cookies = known.cookies;
    this.socket = known.socket;
    this.services = known.services;
  }

  get db(): Context['db'] {
    return (this.#client ??= this.#db.clientFor(this.viewer));
  }

  get load(): Context['load'] {
    return (this.#loaders ??= createLoaders({ ...this.services, db: this.#db }, this.viewer));
  }
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
