import { Account } from '../../schema/portfolio/account.ts';
import { Model } from '../../schema/agents/model.ts';
import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { EquityCurve } from '../../schema/performance/equity-curve.ts';
import { given } from '../given.ts';

const CURVE_POINTS_DEFAULT = 500;
/** A time series is read in one go and drawn as a line, so it is longer than lists are. */
const CURVE_POINTS_MAX = 5_000;
/** Points cost less than objects: they have no permissions of their own and no relations. */
const POINTS_PER_POINT_OF_COST = 20;

builder.queryField('equityCurve', (t) =>
  t.field({
    type: EquityCurve,
    nullable: true,
    description:
      'What an account of yours, or the newest account of a model, was worth over time. Null for an ' +
      'account that is not yours and a model that is neither yours nor public.',
    args: {
      accountId: t.arg.globalID({
        for: Account,
        required: false,
        description: 'Of this account of yours; or give `modelId`.',
      }),
      modelId: t.arg.globalID({
        for: Model,
        required: false,
        description: 'Of this model, yours or public; or give `accountId`.',
      }),
      from: t.arg({
        type: 'DateTime',
        required: false,
        description: 'Points then or later; before `to`. 30 days before it, when it is left out.',
      }),
      to: t.arg({
        type: 'DateTime',
        required: false,
        description:
          'Points until then. When it is left out, the newest point or, past that one, the present.',
      }),
      points: t.arg.int({
        defaultValue: CURVE_POINTS_DEFAULT,
        description: `Most points wanted, from 2 to ${String(CURVE_POINTS_MAX)}.`,
      }),
      benchmark: t.arg.string({
        required: false,
        description:
          'Symbol of an instrument to compare with, such as `QQQ`. An unknown one is refused.',
      }),
    },
    complexity: ({ points }) =>
      pageCost(
        { first: points },
        { max: CURVE_POINTS_MAX, entriesPerPoint: POINTS_PER_POINT_OF_COST },
      ),
    resolve: (_root, { accountId, modelId, ...rest }, { viewer, services }) =>
      services.equityCurves.read(viewer, {
        ...given(rest),
        ...(accountId && { accountId: accountId.id }),
        ...(modelId && { modelId: modelId.id }),
      }),
  }),
);
