import type { NestedRows } from '../schema/context.ts';
import type { NestedList } from '../services/platform/nested-connection.ts';
import { Prisma } from '../services/platform/prisma/client.ts';
import { LEDGER_ENTRY_FIELDS } from '../services/portfolio/ledger-entries.ts';

interface ListOfRow extends NestedList {
  /** Whether its rows are the owner's and administrators' alone: then they are filtered by owner too. */
  readonly isPrivate: boolean;
}

const ACCOUNTS = {
  table: 'accounts',
  fields: Object.values(Prisma.AccountScalarFieldEnum),
  timeField: 'createdAt',
  isPrivate: true,
};
const TRADES = {
  table: 'trades',
  fields: Object.values(Prisma.TradeScalarFieldEnum),
  timeField: 'executedAt',
  isPrivate: true,
};

/** The lists that belong to a row. Each is ordered as an index of its table is. */
export const NESTED_LISTS: Readonly<Record<keyof NestedRows, ListOfRow>> = {
  accountsOfModel: { ...ACCOUNTS, parentField: 'modelId' },
  accountsOfUser: { ...ACCOUNTS, parentField: 'ownerId' },
  entriesOfAccount: {
    table: 'account_ledger',
    fields: LEDGER_ENTRY_FIELDS,
    parentField: 'accountId',
    timeField: 'occurredAt',
    isPrivate: true,
  },
  logOfModel: {
    table: 'agent_log',
    fields: Object.values(Prisma.AgentLogEntryScalarFieldEnum),
    parentField: 'modelId',
    timeField: 'occurredAt',
    isPrivate: false,
  },
  modelsOfUser: {
    table: 'models',
    fields: Object.values(Prisma.TradingModelScalarFieldEnum),
    parentField: 'ownerId',
    timeField: 'createdAt',
    isPrivate: false,
  },
  ordersOfAccount: {
    table: 'orders',
    fields: Object.values(Prisma.OrderScalarFieldEnum),
    parentField: 'accountId',
    timeField: 'createdAt',
    isPrivate: true,
  },
  positionsOfAccount: {
    table: 'positions',
    fields: Object.values(Prisma.PositionScalarFieldEnum),
    parentField: 'accountId',
    timeField: 'openedAt',
    isPrivate: true,
  },
  tradesOfAccount: { ...TRADES, parentField: 'accountId' },
  tradesOfOrder: { ...TRADES, parentField: 'orderId' },
};
