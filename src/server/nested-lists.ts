import type { NestedRows } from '../schema/context.ts';
import { columnOf, selectionOf } from '../services/platform/model-columns.ts';
import type { NestedList } from '../services/platform/nested-connection.ts';
import { LEDGER_ENTRY_FIELDS } from '../services/portfolio/ledger-entries.ts';

interface ListOfRow extends NestedList {
  /** Whether its rows are the owner's and administrators' alone: then they are filtered by owner too. */
  readonly isPrivate: boolean;
}

const ACCOUNTS = {
  table: 'accounts',
  select: selectionOf('Account'),
  timeField: 'createdAt',
  isPrivate: true,
};
const TRADES = {
  table: 'trades',
  select: selectionOf('Trade'),
  timeField: 'executedAt',
  isPrivate: true,
};

const LEDGER_ENTRY = {
  columns: LEDGER_ENTRY_FIELDS.map((field) => `${columnOf(field)} AS "${field}"`).join(', '),
  unread: [],
};

/** The lists that belong to a row. Each is ordered as an index of its table is. */
export const NESTED_LISTS: Readonly<Record<keyof NestedRows, ListOfRow>> = {
  accountsOfModel: { ...ACCOUNTS, parentField: 'modelId' },
  accountsOfUser: { ...ACCOUNTS, parentField: 'ownerId' },
  entriesOfAccount: {
    table: 'account_ledger',
    select: () => LEDGER_ENTRY,
    parentField: 'accountId',
    timeField: 'occurredAt',
    isPrivate: true,
  },
  logOfModel: {
    table: 'agent_log',
    select: selectionOf('AgentLogEntry'),
    parentField: 'modelId',
    timeField: 'occurredAt',
    isPrivate: false,
  },
  modelsOfUser: {
    table: 'models',
    select: selectionOf('TradingModel'),
    parentField: 'ownerId',
    timeField: 'createdAt',
    isPrivate: false,
  },
  ordersOfAccount: {
    table: 'orders',
    select: selectionOf('Order'),
    parentField: 'accountId',
    timeField: 'createdAt',
    isPrivate: true,
  },
  positionsOfAccount: {
    table: 'positions',
    select: selectionOf('Position'),
    parentField: 'accountId',
    timeField: 'openedAt',
    isPrivate: true,
  },
  tradesOfAccount: { ...TRADES, parentField: 'accountId' },
  tradesOfOrder: { ...TRADES, parentField: 'orderId' },
};
