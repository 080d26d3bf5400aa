import type { PositionMark as MarkShape } from '../../services/portfolio/valuation.ts';
import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';
import { MarketSourceEnum } from '../market/enums.ts';

export const PositionStatusEnum = builder.enumType('PositionStatus', {
  description: 'Which positions a list shows.',
  values: {
    OPEN: { description: 'Those of which something is held.' },
    CLOSED: {
      description: 'Those of which all was sold, or bought back. They are kept for the record.',
    },
    ALL: { description: 'Both.' },
  },
});

export const Position = builder.prismaNode('Position', {
  nullable: true,
  description:
    'What an account holds, or held, of an instrument, at average cost. ' +
    'Example: 10 bought at 10 and 10 at 20 are a quantity of 20 with an average price of 15. ' +
    'It has one id, now and as of any time: a cache that normalizes by id holds one of its states. Ask ' +
    'for the past and the present in operations of their own, or keep the past out of the cache.',
  id: { field: 'id' },
  fields: (t) => ({
    quantity: t.expose('quantity', {
      type: 'Decimal',
      description: 'What is held; negative when short, zero when closed.',
    }),
    totalCost: t.expose('totalCost', {
      type: 'Decimal',
      description: 'Booked cost of what is held, with the sign of the quantity.',
    }),
    realizedPnl: t.expose('realizedPnl', {
      type: 'Decimal',
      description: 'Profit booked by its trades so far, before fees.',
    }),
    openedAt: t.expose('openedAt', { type: 'DateTime', description: 'When it was opened.' }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was closed. Null while it is open.',
    }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
});

export const PositionConnection = connectionOf(Position, {
  name: 'Position',
  entries: 'positions',
});

export const PositionMark = builder.objectRef<MarkShape>('PositionMark').implement({
  description: 'The price that a position is valued at.',
  fields: (t) => ({
    price: t.expose('price', { type: 'Decimal', description: 'Of one.' }),
    time: t.expose('time', { type: 'DateTime', description: 'When that price was.' }),
    isStale: t.exposeBoolean('isStale', {
      description:
        'Whether the price is too old to fill an order at. As of a time: whether it was older than ' +
        'what a market that trades would have, ten minutes for bars of a minute and four days for ' +
        'longer ones, which bridge a weekend with a holiday.',
    }),
    source: t.expose('source', {
      type: MarketSourceEnum,
      description: 'Where the price comes from. A SIMULATED one is made up.',
    }),
  }),
});
