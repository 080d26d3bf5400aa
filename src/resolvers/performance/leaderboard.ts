import { builder } from '../../schema/builder.ts';
import { pageCost, parsePage, sliceToPage, toConnection } from '../../schema/connections.ts';
import { Model } from '../../schema/agents/model.ts';
import {
  Leaderboard,
  LeaderboardEntry,
  LeaderboardEntryConnection,
  LeaderboardMetricEnum,
  LeaderboardWindowEnum,
} from '../../schema/performance/leaderboard.ts';
import { given } from '../given.ts';

/** A board reads the days of all public models. */
export const BOARD_COST = 100;

export const BOARD_ARGUMENTS = builder.args((t) => ({
  metric: t.field({
    type: LeaderboardMetricEnum,
    defaultValue: 'RETURN',
    description: 'What it ranks by.',
  }),
  window: t.field({
    type: LeaderboardWindowEnum,
    defaultValue: 'ALL',
    description: 'How far back it looks.',
  }),
  asOf: t.field({
    type: 'DateTime',
    required: false,
    description: 'What was known then. Now, when it is left out, and never later than now.',
  }),
  benchmarkSymbol: t.string({
    required: false,
    description: 'The instrument to compare with. `QQQ`, when it is left out.',
  }),
}));

builder.queryField('leaderboard', (t) =>
  t.field({
    type: Leaderboard,
    description: 'Public models in the order of a metric, with what an index made in that time.',
    args: BOARD_ARGUMENTS,
    complexity: { field: BOARD_COST },
    resolve: (_root, args, { viewer, services }) => services.leaderboard.read(viewer, given(args)),
  }),
);

builder.objectField(Leaderboard, 'entries', (t) =>
  t.connection(
    {
      type: LeaderboardEntry,
      description: 'Ranked ones first, the best at the top; then those without a rank.',
      complexity: (args) => pageCost(args),
      resolve: ({ entries }, args) => {
        const page = parsePage(args, { kind: 'text' });
        const keyOf = ({ modelId, modelName }: { modelId: string; modelName: string }) => ({
          value: modelName,
          id: modelId,
        });
        return toConnection(
          sliceToPage(entries, page, ({ modelId }) => modelId),
          page,
          {
            keyOf,
            totalCount: () => Promise.resolve(entries.length),
          },
        );
      },
    },
    LeaderboardEntryConnection,
  ),
);

builder.objectField(LeaderboardEntry, 'model', (t) =>
  t.field({
    type: Model,
    nullable: true,
    description: 'The model. Null when it is no longer public.',
    resolve: ({ modelId }, _args, { load }) => load.byId('model', modelId),
  }),
);
