import type { Context } from '../schema/context.ts';
import type { Caller } from './callers.ts';
import type { Deliver } from './live-results.ts';

/** What the server adds to the context of the resolvers for itself. */
export interface ServerContext extends Context {
  /** A fresh one of the same caller, as they are now: for the next event of a stream. */
  readonly renew: () => Context;
  /** Throws when the caller may read no more. */
  readonly confirm: () => void;
  /** Writes shared results past the transport's library; undefined where that cannot be. */
  readonly deliver?: Deliver;
  /** Of a request; whoever is behind a socket may change. */
  readonly caller?: Caller;
  /** What the operation costs; null before that is known, or when it is wrong. */
  requestedCost: number | null;
  /** Where a reader of server-sent events goes on, who was cut off. */
  readonly lastEventId?: string;
}
