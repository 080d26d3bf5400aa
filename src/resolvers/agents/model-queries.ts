import { builder } from '../../schema/builder.ts';
import { AgentLogEntry, AgentLogEntryConnection } from '../../schema/agents/agent-log.ts';
import { Model, ModelConnection, ModelStatusEnum } from '../../schema/agents/model.ts';
import { pageCost } from '../../schema/connections.ts';
import { NotFound } from '../../services/platform/errors.ts';
import { given } from '../given.ts';
import { listedPage } from '../pages.ts';

builder.queryFields((t) => ({
  models: t.connection(
    {
      type: Model,
      description: 'Public models and your own, newest first.',
      args: {
        status: t.arg({
          type: ModelStatusEnum,
          required: false,
          description: 'Only models that stand there.',
        }),
      },
      complexity: (args) => pageCost(args),
      resolve: (_root, { status, ...page }, { viewer, services: { models } }) => {
        const wanted = given({ status });
        return listedPage(page, {
          timeField: 'createdAt',
          list: (selection) => models.list(viewer, selection, wanted),
          count: () => models.count(viewer, wanted),
        });
      },
    },
    ModelConnection,
  ),
  model: t.prismaField({
    type: Model,
    nullable: true,
    description: 'A model that is public or yours. Null when there is none with this id.',
    args: { id: t.arg.globalID({ for: Model, description: 'Id of the model.' }) },
    resolve: async (query, _root, { id }, { viewer, services }) => {
      try {
        return await services.models.get(viewer, query, id.id);
      } catch (error) {
        if (error instanceof NotFound) return null;
        throw error;
      }
    },
  }),
  agentLogs: t.connection(
    {
      type: AgentLogEntry,
      description:
        'The log of a model, newest first. Empty unless the model is yours, or public with a log ' +
        'that its owner publishes.',
      args: {
        modelId: t.arg.globalID({ for: Model, description: 'The model.' }),
        date: t.arg({
          type: 'Date',
          required: false,
          description: "Only of this trading day, in the zone of the model's account.",
        }),
      },
      complexity: (args) => pageCost(args),
      resolve: (_root, { modelId, date, ...page }, { viewer, services: { agentLog } }) => {
        const wanted = { ...given({ date }), modelId: modelId.id };
        return listedPage(page, {
          timeField: 'occurredAt',
          list: (selection) => agentLog.list(viewer, selection, wanted),
          count: () => agentLog.count(viewer, wanted),
        });
      },
    },
    AgentLogEntryConnection,
  ),
}));
