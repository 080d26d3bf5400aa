import { builder } from '../../schema/builder.ts';
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
}));
