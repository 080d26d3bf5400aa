import { builder } from '../../schema/builder.ts';
import { Instrument } from '../../schema/market/instrument.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { Position, PositionMark } from '../../schema/portfolio/position.ts';
import type { Position as PositionRow } from '../../services/platform/prisma/client.ts';
import type { PastPosition } from '../../services/portfolio/positions-as-of.ts';
import { present, presentSoon } from '../present.ts';

/**
 * When the position stood like that; null for now. Only a list of the past gives its rows a time.
 */
const asOfOf = (position: PositionRow | PastPosition): Date | null =>
  'asOf' in position ? position.asOf : null;

builder.objectFields(Position, (t) => ({
  asOf: t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'The time at which it stood like this, for one of a list that was asked for as of a time. ' +
      'Null for the present.',
    resolve: asOfOf,
  }),
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
      'The price that it is valued at: of the latest quote, or else of the latest bar; as of a time, ' +
      'the last close that was known then. Null when the instrument had no price yet.',
    resolve: (position, _args, { load }) => load.mark(position.instrumentId, asOfOf(position)),
  }),
  unrealizedPnl: t.field({
    type: 'Decimal',
    nullable: true,
    description:
      'Profit that selling at the mark would book, before the fee. Look at `mark { time isStale }` ' +
      'for how much it is worth. Null when the instrument had no price yet.',
    resolve: async (position, _args, { load, services }) => {
      const mark = await load.mark(position.instrumentId, asOfOf(position));
      return mark && services.valuation.unrealizedPnl(position, mark);
    },
  }),
  marketValue: t.field({
    type: 'Decimal',
    nullable: true,
    description:
      'Quantity × mark; negative when short, zero when closed. Null when the instrument had no price ' +
      'yet.',
    resolve: async (position, _args, { load, services }) => {
      const mark = await load.mark(position.instrumentId, asOfOf(position));
      return mark && services.valuation.marketValue(position, mark);
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
    resolve: ({ instrumentId }, _args, { load }) => presentSoon(load.instrument(instrumentId)),
  }),
}));
