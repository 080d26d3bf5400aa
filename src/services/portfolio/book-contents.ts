import type { LastPrices } from '../market/last-prices.ts';
import type { Database, Tx } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import type { Streams } from '../platform/event-log/streams.ts';
import type { Account } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import type { BookContents, HeldInstrument } from './account-book.ts';
import type { DayBegin } from './live-value.ts';
import type { Portfolios } from './portfolios.ts';

export interface BookContentsPorts {
  readonly db: Database;
  readonly streams: Pick<Streams, 'head'>;
  readonly portfolios: Pick<Portfolios, 'list' | 'positions'>;
  readonly lastPrices: LastPrices;
  /** Where the trading days of accounts began. */
  readonly days: (
    viewer: Viewer,
    accounts: readonly Pick<Account, 'id' | 'zone'>[],
  ) => Promise<ReadonlyMap<string, DayBegin>>;
}

/** More than anybody holds; beyond it the account is not followed live. */
const POSITIONS_MAX = 5_000;

export interface ReadBook extends BookContents {
  /** Head of the log in the state of the database that was read. */
  readonly head: bigint;
}

/**
 * Reads an account as of one state of the database. Throws NotFound for one that is not the
 * viewer's.
 */
export async function readBook(
  { db, streams, portfolios, lastPrices, days }: BookContentsPorts,
  viewer: Viewer,
  accountId: string,
): Promise<ReadBook> {
  const reader = { ...viewer };
  db.beginSnapshot(reader);
  try {
    const head = await streams.head(reader);
    const [account] = await portfolios.list(reader, { where: { id: accountId }, take: 1 });
    if (!account) throw new NotFound('Account');
    const filter = { accountId, status: 'OPEN' } as const;
    const positions = await portfolios.positions(reader, { take: POSITIONS_MAX + 1 }, filter);
    if (positions.length > POSITIONS_MAX) throw new Error(`Account ${accountId} holds too much.`);
    const ids = [...new Set(positions.map(({ instrumentId }) => instrumentId))];
    const instruments = await readInstruments({ db, lastPrices }, reader, { accountId, ids });
    const day = (await days(reader, [account])).get(accountId);
    return { head, account, positions, instruments, day };
  } finally {
    await db.endSnapshot(reader);
  }
}

/**
 * How instruments are called, and what they were worth last: at the account's own newest trade if
 * nothing else tells.
 */
export async function readInstruments(
  { db, lastPrices }: Pick<BookContentsPorts, 'db' | 'lastPrices'>,
  viewer: Viewer,
  { accountId, ids }: { readonly accountId: string; readonly ids: readonly string[] },
): Promise<Map<string, HeldInstrument>> {
  if (ids.length === 0) return new Map();
  const prices = await lastPrices.of(viewer, ids);
  const rows = await db.snapshot(viewer, (tx) => readTraded(tx, accountId, ids));
  return new Map(
    rows.map(({ id, symbol, price, time }) => {
      const lastPrice = prices.get(id) ?? { price, time };
      return [id, { symbol, lastPrice: { price: lastPrice.price, time: lastPrice.time } }];
    }),
  );
}

type TradedRow = HeldInstrument['lastPrice'] & { readonly id: string; readonly symbol: string };

function readTraded(tx: Tx, accountId: string, ids: readonly string[]): Promise<TradedRow[]> {
  return tx.$queryRaw<TradedRow[]>`
    SELECT i.id, i.symbol, traded.price, traded.executed_at AS time FROM instruments i
    CROSS JOIN LATERAL (
      SELECT price, executed_at FROM trades
      WHERE account_id = ${accountId}::uuid AND instrument_id = i.id
      ORDER BY executed_at DESC, id DESC LIMIT 1) AS traded
    WHERE i.id = ANY(${[...ids]}::uuid[])`;
}
