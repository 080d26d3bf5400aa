import { builder } from '../../schema/builder.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { BrokerConnection, BrokerDiscrepancy } from '../../schema/trading/broker.ts';

const LISTED_COST = 100;

builder.objectFields(Account, (t) => ({
  brokerConnection: t.field({
    type: BrokerConnection,
    nullable: true,
    description: 'Where an account of kind LIVE is. Null for others.',
    resolve: ({ id }, _args, { load }) => load.byId('brokerConnection', id),
  }),
}));

builder.objectFields(BrokerConnection, (t) => ({
  discrepancies: t.field({
    type: [BrokerDiscrepancy],
    complexity: LISTED_COST,
    description:
      'What our books and the broker’s disagree about, the newest 100, with what is resolved.',
    resolve: async ({ accountId }, _args, { services, viewer }) => [
      ...(await services.brokerConnections.discrepancies(viewer, accountId)),
    ],
  }),
}));
