import { builder } from '../../schema/builder.ts';
import type { Context } from '../../schema/context.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { AssetClassTotal, FigureTimes } from '../../schema/portfolio/account-figures.ts';
import { Position } from '../../schema/portfolio/position.ts';
import { present } from '../present.ts';

/** What reads all trades of an account costs more than a field. */
const TOTALS_COST = 5;

type Row = typeof Account.$inferType;
const figuresOf = async ({ id }: Row, { load }: Context) => present(await load.figures(id));
const totalsOf = async ({ id }: Row, { load }: Context) => present(await load.totals(id));
const dayOf = async (account: Row, { load }: Context) => present(await load.day(account));

builder.objectFields(Account, (t) => ({
  marketValue: t.field({
    type: 'Decimal',
    description:
      'Sum over what is held of quantity × price; shorts count negative. What has no price counts at ' +
      'that of its last trade here. `asOf` tells how old the prices are.',
    resolve: async (account, _args, context) => (await figuresOf(account, context)).marketValue,
  }),
  equity: t.field({
    type: 'Decimal',
    description: 'What it is worth: cash + market value.',
    resolve: async (account, _args, context) => (await figuresOf(account, context)).equity,
  }),
  unrealizedPnl: t.field({
    type: 'Decimal',
    description: 'Market value less what is held cost; fees of selling are not taken off.',
    resolve: async (account, _args, context) => (await figuresOf(account, context)).unrealizedPnl,
  }),
  realizedPnl: t.field({
    type: 'Decimal',
    description: 'What its trades booked so far, before fees.',
    complexity: TOTALS_COST,
    resolve: async (account, _args, context) => (await totalsOf(account, context)).realizedPnl,
  }),
  fees: t.field({
    type: 'Decimal',
    description: 'Fees of all its trades so far.',
    complexity: TOTALS_COST,
    resolve: async (account, _args, context) => (await totalsOf(account, context)).fees,
  }),
  dayPnl: t.field({
    type: 'Decimal',
    description:
      'Change of the equity since midnight in its zone, without money from outside: equity now − equity ' +
      'then − deposits + withdrawals − corrections − resets. Equity then is cash and quantities of then ' +
      'at the newest closes of bars that were known then (or the price traded last); of an account that ' +
      'was opened since, zero.',
    resolve: async (account, _args, context) => {
      const [{ equity }, day] = await Promise.all([
        figuresOf(account, context),
        dayOf(account, context),
      ]);
      return equity.minus(day.equity).minus(day.flows);
    },
  }),
  asOf: t.field({
    type: FigureTimes,
    description: 'Of when these figures are.',
    resolve: async (account, _args, context) => {
      const [figures, day] = await Promise.all([
        figuresOf(account, context),
        dayOf(account, context),
      ]);
      return { ...figures, time: figures.asOf, dayStartedAt: day.startedAt };
    },
  }),
  totalsByAssetClass: t.field({
    type: [AssetClassTotal],
    description: 'What is held of each class of assets, in the order of their names.',
    resolve: async (account, _args, context) => [
      ...(await figuresOf(account, context)).byAssetClass,
    ],
  }),
}));

builder.objectField(Position, 'weight', (t) =>
  t.field({
    type: 'Decimal',
    nullable: true,
    description:
      "Its part of the account's equity, such as 0.25; negative when short. Null as of a past time, when " +
      'the instrument had no price yet, and when there is no equity.',
    resolve: async (position, _args, { load, services }) => {
      if ('asOf' in position) return null;
      const mark = await load.mark(position.instrumentId);
      if (!mark) return null;
      const { equity } = present(await load.figures(position.accountId));
      return services.valuation.share(services.valuation.marketValue(position, mark), equity);
    },
  }),
);
