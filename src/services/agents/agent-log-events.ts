import { toOwnEvent, type OwnEvents, type OwnItem } from '../accounts/own-events.ts';
import type { Database } from '../platform/database.ts';
import { readLatestEvent } from '../platform/event-log/latest-event.ts';
import type { AgentLogEntry } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import { AGENT_LOGGED, modelTopic, parseAgentLogged } from './events.ts';
import type { Models } from './models.ts';

export interface AgentLogEventsFilter {
  readonly modelId: string;
  /** Resume after this event; without it the latest line comes first. */
  readonly after?: bigint | undefined;
}

/** What the viewer's models read, think and decide, live and resumable. */
export interface AgentLogEvents {
  /**
   * Lines of the log of one model. The first `next()` rejects with NotFound for a model that is not
   * the viewer's; later ones with Revoked when the session ends.
   */
  lines(
    viewer: Viewer,
    filter: AgentLogEventsFilter,
  ): AsyncIterableIterator<OwnItem<AgentLogEntry>>;
}

export function createAgentLogEvents({
  db,
  ownEvents,
  models,
}: {
  readonly db: Database;
  readonly ownEvents: OwnEvents;
  readonly models: Pick<Models, 'get'>;
}): AgentLogEvents {
  return {
    lines: (viewer, { modelId, after }) =>
      ownEvents.follow<AgentLogEntry>(viewer, {
        types: [AGENT_LOGGED],
        parse: parseAgentLogged,
        after,
        async begin(reader) {
          await models.get(reader, {}, modelId, 'OWN');
          const topic = modelTopic(modelId);
          return {
            topic,
            async current() {
              const latest = await db.snapshot(reader, (tx) =>
                readLatestEvent(tx, { topic }, AGENT_LOGGED),
              );
              return latest ? [toOwnEvent(latest, parseAgentLogged)] : [];
            },
          };
        },
      }),
  };
}
