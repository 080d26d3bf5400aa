import type { Context } from '../schema/context.ts';

/** What the server adds to the context of the resolvers for itself. */
export interface ServerContext extends Context {
  /** A fresh one of the same caller, as they are now: for the next event of a stream. */
  readonly renew: () => Context;
}
