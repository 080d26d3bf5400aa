import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';

export const ModelStatusEnum = builder.enumType('ModelStatus', {
  description: 'Whether a model trades.',
  values: {
    IDLE: { description: 'Was never started.' },
    ACTIVE: { description: 'Runs again and again, at its interval.' },
    STOPPING: { description: 'Ends the run under way, then stops.' },
    STOPPED: { description: 'Was stopped, or ran elsewhere and is over.' },
    ARCHIVED: { description: 'Is kept for the record alone.' },
  },
});

export const VisibilityEnum = builder.enumType('Visibility', {
  description: 'Who may see something.',
  values: {
    PRIVATE: { description: 'The owner and administrators.' },
    PUBLIC: { description: 'Everyone.' },
  },
});

const TraderKindEnum = builder.enumType('TraderKind', {
  description: 'What decides for a model.',
  values: {
    MOMENTUM: { description: 'The built-in trader that follows the latest move.' },
    IMPORTED: { description: 'Nothing any more: its records were imported.' },
  },
});

export const Model = builder.prismaNode('TradingModel', {
  name: 'Model',
  nullable: true,
  description:
    'An AI trader. A public one is seen by everyone, but its prompt, cost and accounts are not.',
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As its owner calls it.' }),
    trader: t.expose('trader', { type: TraderKindEnum, description: 'What decides for it.' }),
    provider: t.exposeString('provider', {
      description: 'Who serves the language model, such as `openai`; `built-in` for ours.',
    }),
    modelName: t.exposeString('modelName', {
      description: 'Name of the language model, such as `gpt-5`.',
    }),
    universe: t.exposeStringList('universe', { description: 'Symbols that it may trade.' }),
    startingCash: t.expose('startingCash', {
      type: 'Decimal',
      description: 'Cash that its account began with.',
    }),
    currency: t.exposeString('currency', { description: 'Of its account, such as `USD`.' }),
    intervalSeconds: t.exposeInt('intervalSeconds', {
      description: 'Time from the beginning of a run to that of the next, in seconds.',
    }),
    status: t.expose('status', { type: ModelStatusEnum, description: 'Whether it trades.' }),
    visibility: t.expose('visibility', { type: VisibilityEnum, description: 'Who may see it.' }),
    logVisibility: t.expose('logVisibility', {
      type: VisibilityEnum,
      description: 'Who may read its log. PUBLIC has an effect only on a public model.',
    }),
    version: t.exposeInt('version', { description: 'Rises with every change of its settings.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
});

export const ModelConnection = connectionOf(Model, { name: 'Model', entries: 'models' });
