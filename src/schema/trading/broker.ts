import type { BrokerConnection as Connection } from '../../services/platform/prisma/client.ts';
import type { BrokerDiscrepancy as Discrepancy } from '../../services/platform/prisma/client.ts';
import { builder } from '../builder.ts';

export const BrokerKindEnum = builder.enumType('BrokerKind', {
  description: 'Who trades for an account of kind LIVE.',
  values: {
    ALPACA: { description: 'Stocks and funds of the US. Its play money is the sandbox.' },
    CCXT: { description: 'A crypto exchange, through the library of that name.' },
  },
});

const DiscrepancyKindEnum = builder.enumType('DiscrepancyKind', {
  description: 'What our books and a broker’s disagree about.',
  values: {
    CASH: {
      description: 'The cash: fees, dividends or transfers that the broker booked by itself.',
    },
    POSITION: { description: 'What is held of an instrument.' },
    ORDER: { description: 'An order that one of the two does not have, or has filled further.' },
  },
});

export const BrokerDiscrepancy = builder.objectRef<Discrepancy>('BrokerDiscrepancy').implement({
  description:
    'Something about which our books and a broker’s do not agree. Nothing is bent to fit.',
  fields: (t) => ({
    kind: t.expose('kind', { type: DiscrepancyKindEnum, description: 'What it is about.' }),
    subject: t.exposeString('subject', {
      description: 'Of CASH the currency, of POSITION the broker’s symbol, of ORDER the id.',
    }),
    ours: t.exposeString('ours', { description: 'What stands in our books.' }),
    theirs: t.exposeString('theirs', { description: 'What stands in the broker’s.' }),
    noticedAt: t.expose('noticedAt', { type: 'DateTime', description: 'When it was noticed.' }),
    resolvedAt: t.expose('resolvedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When both agreed again. Null while they do not.',
    }),
  }),
});

export const BrokerConnection = builder.objectRef<Connection>('BrokerConnection').implement({
  description: 'Where an account of kind LIVE is, and whether it may trade there.',
  fields: (t) => ({
    broker: t.expose('broker', { type: BrokerKindEnum, description: 'Who trades for it.' }),
    exchange: t.exposeString('exchange', {
      nullable: true,
      description: 'Of CCXT: the id of the exchange, such as `kraken`. Null for others.',
    }),
    isSandbox: t.exposeBoolean('isSandbox', {
      description: 'Whether it is the broker’s own play money.',
    }),
    isLiveEnabled: t.exposeBoolean('isLiveEnabled', {
      description:
        'Whether its owner lets it trade real money. It takes the permission of the deployment besides; ' +
        'a sandbox needs neither.',
    }),
    reconciledAt: t.expose('reconciledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When our books were last compared with the broker’s. Null if they never were.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was connected.' }),
  }),
});
