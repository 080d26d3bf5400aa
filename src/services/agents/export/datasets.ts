import { Prisma } from '../../platform/prisma/client.ts';

/** A list that can be written to a file, row by row: what it is made of, and what can narrow it. */
export interface Dataset {
  readonly description: string;
  /** Names of the columns, and what they hold. */
  readonly columns: Readonly<Record<string, string>>;
  /** Tables with their joins. `i` is the instrument where there is one. */
  readonly from: string;
  /** Oldest first, and the same order each time. */
  readonly order: string;
  /** When it happened: for --from and --to. */
  readonly time: string;
  /** Whose it is; undefined for what is everyone's. */
  readonly owner?: string;
  readonly account?: string;
  readonly model?: string;
  readonly symbol?: string;
  /** Where one row is of many symbols. */
  readonly symbols?: string;
}

const OF_ACCOUNT = {
  owner: 'x.owner_id',
  account: 'x.account_id',
  model: 'a.model_id',
} as const;
const WITH_ACCOUNT = 'JOIN accounts a ON a.id = x.account_id';
const WITH_INSTRUMENT = 'JOIN instruments i ON i.id = x.instrument_id';

export const DATASETS = {
  trades: {
    description: 'fills, imported trades and corrections',
    columns: {
      id: 'x.id',
      account_id: 'x.account_id',
      model_id: 'a.model_id',
      symbol: 'i.symbol',
      side: 'x.side',
      quantity: 'x.quantity',
      price: 'x.price',
      fee: 'x.fee',
      cash_amount: 'x.cash_amount',
      realized_gross: 'x.realized_gross',
      currency: 'a.currency',
      source: 'x.source',
      flags: 'x.flags::text[]',
      order_id: 'x.order_id',
      executed_at: 'x.executed_at',
      recorded_at: 'x.recorded_at',
    },
    from: `trades x ${WITH_ACCOUNT} ${WITH_INSTRUMENT}`,
    order: 'x.executed_at, x.id',
    time: 'x.executed_at',
    symbol: 'i.symbol',
    ...OF_ACCOUNT,
  },
  positions: {
    description: 'what is held, and what was',
    columns: {
      id: 'x.id',
      account_id: 'x.account_id',
      model_id: 'a.model_id',
      symbol: 'i.symbol',
      quantity: 'x.quantity',
      total_cost: 'x.total_cost',
      realized_pnl: 'x.realized_pnl',
      currency: 'a.currency',
      opened_at: 'x.opened_at',
      closed_at: 'x.closed_at',
    },
    from: `positions x ${WITH_ACCOUNT} ${WITH_INSTRUMENT}`,
    order: 'x.opened_at, x.id',
    time: 'x.opened_at',
    symbol: 'i.symbol',
    ...OF_ACCOUNT,
  },
  orders: {
    description: 'orders as they stand',
    columns: {
      id: 'x.id',
      account_id: 'x.account_id',
      model_id: 'a.model_id',
      client_order_id: 'x.client_order_id',
      symbol: 'i.symbol',
      side: 'x.side',
      type: 'x.type',
      time_in_force: 'x.time_in_force',
      quantity: 'x.quantity',
      status: 'x.status',
      filled_quantity: 'x.filled_quantity',
      filled_notional: 'x.filled_notional',
      reason_code: 'x.reason_code',
      created_at: 'x.created_at',
      updated_at: 'x.updated_at',
    },
    from: `orders x ${WITH_ACCOUNT} ${WITH_INSTRUMENT}`,
    order: 'x.created_at, x.id',
    time: 'x.created_at',
    symbol: 'i.symbol',
    ...OF_ACCOUNT,
  },
  ledger: {
    description: 'every entry of the books that moved cash of an account',
    columns: {
      transfer_id: 'x.transfer_id',
      line: 'x.line',
      account_id: 'x.account_id',
      model_id: 'a.model_id',
      cause: 't.cause',
      cause_id: 't.cause_id',
      amount: 'x.amount',
      currency: 't.currency',
      occurred_at: 'x.occurred_at',
      recorded_at: 't.recorded_at',
    },
    from: `ledger_entries x ${WITH_ACCOUNT} JOIN ledger_transfers t ON t.id = x.transfer_id`,
    order: 'x.occurred_at, x.transfer_id, x.line',
    time: 'x.occurred_at',
    ...OF_ACCOUNT,
  },
  equity: {
    description: 'what accounts were worth',
    columns: {
      account_id: 'x.account_id',
      model_id: 'a.model_id',
      at: 'x.at',
      cash: 'x.cash',
      cost: 'x.cost',
      equity: 'x.equity',
      currency: 'a.currency',
      oldest_mark_at: 'x.oldest_mark_at',
    },
    from: `equity_points x ${WITH_ACCOUNT}`,
    order: 'x.account_id, x.at',
    time: 'x.at',
    ...OF_ACCOUNT,
  },
  'agent-log': {
    description: 'what models read, thought and decided',
    columns: {
      id: 'x.id',
      model_id: 'x.model_id',
      run_id: 'x.run_id',
      sequence: 'x.sequence',
      date: 'x.date::text',
      occurred_at: 'x.occurred_at',
      kind: 'x.kind',
      content: 'x.content',
      data: 'x.data',
    },
    from: 'agent_log x',
    order: 'x.model_id, x.occurred_at, x.run_id, x.sequence',
    time: 'x.occurred_at',
    owner: 'x.owner_id',
    model: 'x.model_id',
  },
  bars: {
    description: 'prices of each instrument, as they are known now',
    columns: {
      symbol: 'i.symbol',
      interval: 'x.interval',
      open_time: 'x.open_time',
      close_time: 'x.close_time',
      open: 'x.open',
      high: 'x.high',
      low: 'x.low',
      close: 'x.close',
      volume: 'x.volume',
      known_at: 'x.known_at',
      source: 'x.source',
    },
    // Of each bar the row that was known last.
    from: `(SELECT DISTINCT ON (instrument_id, interval, open_time) * FROM bars
      ORDER BY instrument_id, interval, open_time, known_at DESC) x ${WITH_INSTRUMENT}`,
    order: 'i.symbol, x.interval, x.open_time',
    time: 'x.open_time',
    symbol: 'i.symbol',
  },
  news: {
    description: 'articles',
    columns: {
      id: 'x.id',
      published_at: 'x.known_at',
      title: 'x.title',
      url: 'x.url',
      source: 'x.source',
      summary: 'x.summary',
      symbols: 'x.symbols',
      sentiment: 'x.sentiment',
      mentions: 'x.mentions',
    },
    from: 'news_articles x',
    order: 'x.known_at, x.id',
    time: 'x.known_at',
    symbols: 'x.symbols',
  },
} as const satisfies Record<string, Dataset>;

export type DatasetName = keyof typeof DATASETS;

/** What narrows a list; all that is given must hold. */
export interface ExportFilter {
  readonly accountId?: string;
  readonly modelId?: string;
  readonly symbol?: string;
  /** At or after. */
  readonly from?: Date;
  /** Before. */
  readonly to?: Date;
}

/** The names of filters that `dataset` knows nothing of. */
export function unknownFilters(dataset: Dataset, filter: ExportFilter): readonly string[] {
  return [
    ...(filter.accountId !== undefined && dataset.account === undefined ? ['account'] : []),
    ...(filter.modelId !== undefined && dataset.model === undefined ? ['model'] : []),
    ...(filter.symbol !== undefined && (dataset.symbol ?? dataset.symbols) === undefined
      ? ['symbol']
      : []),
  ];
}

/**
 * All of a list that belongs to `ownerId`, or to everyone. Column names come from this file alone.
 */
export function datasetQuery(
  dataset: Dataset,
  { ownerId, filter }: { readonly ownerId: string; readonly filter: ExportFilter },
): Prisma.Sql {
  const { accountId, modelId, symbol, from, to } = filter;
  const time = Prisma.raw(dataset.time);
  const conditions = [
    Prisma.sql`true`,
    ...(dataset.owner ? [Prisma.sql`${Prisma.raw(dataset.owner)} = ${ownerId}::uuid`] : []),
    ...idIs(dataset.account, accountId),
    ...idIs(dataset.model, modelId),
    ...(dataset.symbol && symbol !== undefined
      ? [Prisma.sql`${Prisma.raw(dataset.symbol)} = ${symbol}`]
      : []),
    ...(dataset.symbols && symbol !== undefined
      ? [Prisma.sql`${symbol} = ANY (${Prisma.raw(dataset.symbols)})`]
      : []),
    ...(from ? [Prisma.sql`${time} >= ${from}`] : []),
    ...(to ? [Prisma.sql`${time} < ${to}`] : []),
  ];
  const columns = Object.entries(dataset.columns).map(([name, value]) => `${value} AS "${name}"`);
  return Prisma.sql`SELECT ${Prisma.raw(columns.join(', '))} FROM ${Prisma.raw(dataset.from)}
    WHERE ${Prisma.join(conditions, ' AND ')} ORDER BY ${Prisma.raw(dataset.order)}`;
}

function idIs(column: string | undefined, id: string | undefined): Prisma.Sql[] {
  return column && id !== undefined ? [Prisma.sql`${Prisma.raw(column)} = ${id}::uuid`] : [];
}
