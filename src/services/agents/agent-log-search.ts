import type { Database, Tx } from '../platform/database.ts';
import type { PageRequest } from '../platform/page.ts';
import type { AgentLogEntry } from '../platform/prisma/client.ts';
import { parseSearch, searched, type Search } from '../platform/search.ts';
import { assertTimeRange } from '../platform/time-range.ts';
import type { Viewer } from '../platform/viewer.ts';
import { visibleLines, type AgentLogFilter } from './agent-log-filter.ts';
import { modelsWithLogInScope } from './model-visibility.ts';

export interface AgentLogSearchFilter extends AgentLogFilter {
  readonly search: string;
}

export interface AgentLogSearch {
  /**
   * Lines of a model's log that have the words, newest first, and one past the page. Who may read
   * them is as with `list`. Throws InvalidInput for a search that is too long, and for a time that
   * ends before it begins.
   *
   * The function of the database finds their ids by the index of the words, which row-level
   * security would keep from it; the lines themselves are read under row-level security.
   */
  search(viewer: Viewer, page: PageRequest, filter: AgentLogSearchFilter): Promise<AgentLogEntry[]>;
  countFound(viewer: Viewer, filter: AgentLogSearchFilter): Promise<number>;
}

export function createAgentLogSearch({ db }: { readonly db: Database }): AgentLogSearch {
  return {
    search: (viewer, page, filter) =>
      searched(
        db.snapshot(viewer, async (tx) => {
          const ids = await findIds(tx, page, { ...filter, search: parseSearch(filter.search) });
          if (page.isBackward) ids.reverse();
          const found = await tx.agentLogEntry.findMany({
            where: { AND: [{ id: { in: ids } }, visibleLines(viewer, filter)] },
          });
          const byId = new Map(found.map((line) => [line.id, line]));
          return ids.flatMap((id) => byId.get(id) ?? []);
        }),
      ),

    countFound: (viewer, filter) =>
      searched(
        db.snapshot(viewer, async (tx) => {
          assertTimeRange(filter);
          const { modelId, date, from, to, scope = 'VISIBLE' } = filter;
          const search = parseSearch(filter.search);
          // The function tells an administrator of every log, who has to ask for that.
          const isInScope = await tx.tradingModel.count({
            where: { AND: [{ id: modelId }, modelsWithLogInScope(viewer, scope)] },
          });
          if (isInScope === 0) return 0;
          const [row] = await tx.$queryRaw<{ count: number }[]>`
            SELECT count_agent_log(${modelId}::uuid, ${search.text}, ${[...search.fragments]}::text[],
              ${date ?? null}::date, ${from ?? null}::timestamptz, ${to ?? null}::timestamptz) AS count`;
          return row?.count ?? 0;
        }),
      ),
  };
}

async function findIds(
  tx: Tx,
  { limit, isBackward, after, before }: PageRequest,
  { modelId, date, from, to, search }: AgentLogFilter & { readonly search: Search },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM search_agent_log(${modelId}::uuid, ${search.text},
      ${[...search.fragments]}::text[], ${date ?? null}::date, ${from ?? null}::timestamptz,
      ${to ?? null}::timestamptz, ${after?.value ?? null}::timestamptz, ${after?.id ?? null}::uuid,
      ${before?.value ?? null}::timestamptz, ${before?.id ?? null}::uuid, ${limit + 1}::int,
      ${isBackward}::boolean)`;
  return rows.map(({ id }) => id);
}
