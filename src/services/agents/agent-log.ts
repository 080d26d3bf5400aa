import type { Database, Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { AgentLogEntry, Prisma } from '../platform/prisma/client.ts';
import type { AgentLogKind } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';
import { visibleLines, type AgentLogFilter } from './agent-log-filter.ts';
import { createAgentLogSearch, type AgentLogSearch } from './agent-log-search.ts';
import { agentLogged } from './events.ts';

export interface NewLogLine {
  /** Order within the run, from 0. */
  readonly sequence: number;
  readonly kind: AgentLogKind;
  readonly content: string;
  readonly data?: Prisma.InputJsonObject;
}

export interface NewLogLines {
  readonly model: { readonly id: string; readonly ownerId: string };
  readonly runId: string;
  /** Midnight UTC of the trading day in the zone of the model's account. */
  readonly date: Date;
  readonly occurredAt: Date;
  readonly lines: readonly NewLogLine[];
}

export interface AgentLog extends AgentLogSearch {
  /**
   * Lines of a model's log, newest first: one's own, and those of public models whose owner
   * publishes the log. A model that is not there and one whose log is private look alike: empty.
   */
  list(
    viewer: Viewer,
    selection: Prisma.AgentLogEntryFindManyArgs,
    filter: AgentLogFilter,
  ): Promise<AgentLogEntry[]>;
  count(viewer: Viewer, filter: AgentLogFilter): Promise<number>;
  /**
   * Writes lines of a run with their AgentLogged events, in the worker's transaction, and answers
   * with those it wrote: a line whose place in the run is taken is left out, so that a repeated run
   * writes nothing twice.
   */
  append(tx: Tx, lines: NewLogLines): Promise<AgentLogEntry[]>;
  /** The lines of a run in their order, as the worker. */
  ofRun(tx: Tx, runId: string): Promise<AgentLogEntry[]>;
}

export function createAgentLog({ db, ids }: { db: Database; ids: Ids }): AgentLog {
  return {
    ...createAgentLogSearch({ db }),

    list: (viewer, selection, filter) =>
      db.snapshot(viewer, (tx) =>
        tx.agentLogEntry.findMany({
          ...selection,
          where: { AND: [selection.where ?? {}, visibleLines(viewer, filter)] },
          orderBy: selection.orderBy ?? [{ occurredAt: 'desc' }, { id: 'desc' }],
        }),
      ),

    count: (viewer, filter) =>
      db.snapshot(viewer, (tx) => tx.agentLogEntry.count({ where: visibleLines(viewer, filter) })),

    async append(tx, { model, runId, date, occurredAt, lines }) {
      const written = await tx.agentLogEntry.createManyAndReturn({
        data: lines.map((line) => ({
          id: ids.next(),
          ownerId: model.ownerId,
          modelId: model.id,
          runId,
          date,
          occurredAt,
          ...line,
        })),
        skipDuplicates: true,
      });
      written.sort((a, b) => a.sequence - b.sequence);
      await appendEvents(tx, written.map(agentLogged));
      return written;
    },

    ofRun: (tx, runId) =>
      tx.agentLogEntry.findMany({ where: { runId }, orderBy: { sequence: 'asc' } }),
  };
}
