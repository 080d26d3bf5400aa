import { builder } from '../../schema/builder.ts';
import { AgentLogPayload } from '../../schema/agents/agent-log-events.ts';
import { Model } from '../../schema/agents/model.ts';
import { AFTER } from '../../schema/platform/event-words.ts';

builder.subscriptionField('agentLog', (t) =>
  t.field({
    type: AgentLogPayload,
    description:
      'What a model of yours reads, thinks and decides, line by line. Without `after` the latest ' +
      'line comes first. A log that someone else publishes is read with the query `agentLogs`.',
    args: {
      modelId: t.arg.globalID({ for: Model, description: 'A model of yours.' }),
      after: t.arg({ type: 'Cursor', required: false, description: AFTER }),
    },
    subscribe: (_root, { modelId, after }, { viewer, services }) =>
      services.agentLogEvents.lines(viewer, { modelId: modelId.id, after: after ?? undefined }),
    resolve: (item) => item,
  }),
);
