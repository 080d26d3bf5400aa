import { builder } from '../../schema/builder.ts';
import { Instrument } from '../../schema/market/instrument.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { Position, PositionMark } from '../../schema/portfolio/position.ts';
import { present } from '../present.ts';

builder.objectFields(Position, (t) => ({
  averagePrice: t.field({
    type: 'Decimal',
    nullable: true,
    description: 'Average cost of one, fees not included. Null when the position is closed.',
    resolve: (position, _args, { services }) => services.valuation.averageCost(position),
  }),
  mark: t.field({
    type: PositionMark,
    nullable: true,
    description:
      'The price that it is valued at: of the latest quote, or else of the latest bar. Null when ' +
      'the instrument never had a price.',
    resolve: ({ instrumentId }, _args, { load }) => load.mark(instrumentId),
  }),
  unrealizedPnl: t.field({
    type: 'Decimal',
    nullable: true,
    description:
      'Profit that selling at the mark would book, before the fee. Look at `mark { time isStale }` ' +
      'for how much it is worth. Null when the instrument never had a price.',
    resolve: async (position, _args, { load, services }) => {
      const mark = await load.mark(position.instrumentId);
      return mark && services.valuation.unrealizedPnl(position, mark);
    },
  }),
  account: t.field({
    type: Account,
    description: 'The account that holds it.',
    resolve: async ({ accountId }, _args, { load }) =>
      present(await load.byId('account', accountId)),
  }),
  instrument: t.field({
    type: Instrument,
    description: 'What is held.',
    resolve: async ({ instrumentId }, _args, { load }) =>
      present(await load.byId('instrument', instrumentId)),
  }),
}));
