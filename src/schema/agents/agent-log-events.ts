import type { OwnEvent } from '../../services/accounts/own-events.ts';
import type { AgentLogEntry as EntryRow } from '../../services/platform/prisma/client.ts';
import { builder } from '../builder.ts';
import { CURSOR, OCCURRED_AT } from '../platform/event-words.ts';
import { StreamGap } from '../platform/stream.ts';
import { AgentLogEntry } from './agent-log.ts';

export const AgentLogged = builder.objectRef<OwnEvent<EntryRow>>('AgentLogged').implement({
  description: 'A line came into the log of a model.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: CURSOR }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: OCCURRED_AT }),
    entry: t.field({ type: AgentLogEntry, description: 'The line.', resolve: ({ row }) => row }),
  }),
});

export const AgentLogPayload = builder.unionType('AgentLogPayload', {
  description: 'A line of the log, or the news that some may be missing.',
  types: [AgentLogged, StreamGap],
  resolveType: ({ kind }) => (kind === 'gap' ? StreamGap : AgentLogged),
});
