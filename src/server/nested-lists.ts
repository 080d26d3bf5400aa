import type { NestedRows } from '../schema/context.ts';
import { columnOf, columnsOf } from '../services/platform/model-columns.ts';
import type { NestedList } from '../services/platform/nested-connection.ts';
import { LEDGER_ENTRY_FIELDS } from '../services/portfolio/ledger-entries.ts';

interface ListOfRow extends NestedList {
  /** Whether its rows are the owner's and administrators' alone: then they are filtered by owner too. */
  readonly isPrivate: boolean;
}

const ACCOUNTS = {
  table: 'accounts',
  columns: columnsOf('Account'),
  timeField: 'createdAt',
  isPrivate: true,
};
const TRADES = {
  table: 'trades',
  columns: columnsOf('Trade'),
  timeField: 'executedAt',
  isPrivate: true,
};

/** The lists that belong to a row. Each is ordered as an index of its table is. */
export const NESTED_LISTS: Readonly<Record<keyof NestedRows, ListOfRow>> = {
  accountsOfModel: { ...ACCOUNTS, parentField: 'modelId' },
  accountsOfUser: { ...ACCOUNTS, parentField: 'ownerId' },
  entriesOfAccount: {
    table: 'account_ledger',
    columns: LEDGER_ENTRY_FIELDS.map((field) => `${columnOf(field)} AS "${field}"`).join(', '),
    parentField: 'accountId',
    timeField: 'occurredAt',
    isPrivate: true,
  },
  logOfModel: {
    table: 'agent_log',
    columns: columnsOf('AgentLogEntry'),
    parentField: 'modelId',
    timeField: 'occurredAt',
    isPrivate: false,
  },
  modelsOfUser: {
    table: 'models',
    columns: columnsOf('TradingModel'),
    parentField: 'ownerId',
    timeField: 'createdAt',
    isPrivate: false,
  },
  ordersOfAccount: {
    table: 'orders',
    columns: columnsOf('Order'),
    parentField: 'accountId',
    timeField: 'createdAt',
    isPrivate: true,
  },
  positionsOfAccount: {
    table: 'positions',
    columns: columnsOf('Position'),
    parentField: 'accountId',
    timeField: 'openedAt',
    isPrivate: true,
  },
  tradesOfAccount: { ...TRADES, parentField: 'accountId' },
  tradesOfOrder: { ...TRADES, parentField: 'orderId' },
};
