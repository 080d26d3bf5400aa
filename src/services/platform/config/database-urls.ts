import { roleUrl } from '../migrations/roles.ts';

/**
 * Who connects as what. `owner` owns the tables and changes them; it is there in development and
 * for operators' commands, never in a production server. `server` is bound by row-level security;
 * `worker` sees every row.
 */
export interface DatabaseUrls {
  readonly owner: string | undefined;
  readonly server: string;
  readonly worker: string;
}

/**
 * The three URLs of a database whose owner is known; a URL that is given wins over a derived one.
 * The derived passwords depend on the owner's password alone: roles belong to the whole cluster, so
 * two programs that use two databases of it must come to the same ones, or lock each other out.
 */
export function urlsFromOwner(
  owner: string,
  given: { server?: string | undefined; worker?: string | undefined } = {},
): DatabaseUrls {
  return {
    owner,
    server: given.server ?? roleUrl(owner, 'tradegraph_server'),
    worker: given.worker ?? roleUrl(owner, 'tradegraph_worker'),
  };
}
