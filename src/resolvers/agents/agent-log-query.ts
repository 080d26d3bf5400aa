import { AgentLogEntry, AgentLogEntryConnection } from '../../schema/agents/agent-log.ts';
import { Model } from '../../schema/agents/model.ts';
import { builder } from '../../schema/builder.ts';
import { SEARCH, searchCost } from '../../schema/search.ts';
import { given } from '../given.ts';
import { listedPage } from '../pages.ts';

builder.queryField('agentLogs', (t) =>
  t.connection(
    {
      type: AgentLogEntry,
      description:
        'The log of a model, newest first. Empty unless the model is yours, or public with a log ' +
        'that its owner publishes. With `search`, only the lines that have the words.',
      args: {
        modelId: t.arg.globalID({ for: Model, description: 'The model.' }),
        date: t.arg({
          type: 'Date',
          required: false,
          description: "Only of this trading day, in the zone of the model's account.",
        }),
        from: t.arg({ type: 'DateTime', required: false, description: 'Written then or later.' }),
        to: t.arg({ type: 'DateTime', required: false, description: 'Written before.' }),
        search: t.arg.string({ required: false, description: SEARCH }),
      },
      complexity: searchCost,
      resolve: (_root, args, { viewer, services: { agentLog } }) => {
        const { modelId, date, from, to, search, ...page } = args;
        const wanted = { ...given({ date, from, to }), modelId: modelId.id };
        if (typeof search === 'string') {
          return listedPage(page, {
            timeField: 'occurredAt',
            list: (_, request) => agentLog.search(viewer, request, { ...wanted, search }),
            count: () => agentLog.countFound(viewer, { ...wanted, search }),
          });
        }
        return listedPage(page, {
          timeField: 'occurredAt',
          list: (selection) => agentLog.list(viewer, selection, wanted),
          count: () => agentLog.count(viewer, wanted),
        });
      },
    },
    AgentLogEntryConnection,
  ),
);
