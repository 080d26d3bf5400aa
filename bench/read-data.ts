import { Client } from 'pg';
import { tokenOf } from './bench-people.ts';

/** Somebody who reads, with what there is of them to ask for. */
export interface Reader {
  readonly token: string;
  readonly userId: string;
  readonly accountId: string;
  readonly orderId: string;
}

export interface ReadData {
  readonly readers: readonly Reader[];
}

/** What each reader has. The measures ask for these numbers of rows. */
export const POSITIONS = 20;
export const ORDERS = 50;
export const POINTS = 500;
/** Everyone has one public model, which the board shows. */
export const READERS = 100;
const BOARD_DAYS = 30;
const INSTRUMENTS = 100;
const BARS = 250;

/** The first of the stored points of equity, and the time between two. */
export const FIRST_POINT = '2025-03-03T15:00:00.000Z';
export const POINT_MINUTES = 30;

/** The same ids in every run, in the form of random ones. */
const ID_OF = `CREATE FUNCTION pg_temp.id_of(what text, n bigint) RETURNS uuid LANGUAGE sql AS $$
  SELECT overlay(overlay(md5(what || n) placing '4' from 13) placing '8' from 17)::uuid $$`;

/** `n` counts readers, `k` what each of them has. In turns, so that nobody's rows lie together. */
const STATEMENTS: readonly string[] = [
  `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
     token_version, created_at, updated_at)
   SELECT pg_temp.id_of('user', n), name, name, name, name, '', 'USER', 'ACTIVE', 0, now(), now()
   FROM generate_series(1, ${READERS}) n, LATERAL (SELECT 'reader_' || n AS name) AS named`,
  `INSERT INTO sessions (id, owner_id, created_at, last_used_at, expires_at)
   SELECT pg_temp.id_of('session', n), pg_temp.id_of('user', n), now(), now(), now() + interval '1 day'
   FROM generate_series(1, ${READERS}) n`,
  // The first one is what boards compare with.
  `INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
     is_tradable, source, fee_bps, created_at)
   SELECT pg_temp.id_of('instrument', n), CASE n WHEN 1 THEN 'QQQ' ELSE 'S' || lpad(n::text, 3, '0') END,
     'Share ' || n, 'STOCK', 'USD', 'America/New_York', 0.01, 1, true, 'IMPORTED', 0,
     '2025-01-01T00:00:00Z'
   FROM generate_series(1, ${INSTRUMENTS}) n`,
  `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
     close, volume, source)
   SELECT pg_temp.id_of('instrument', n), 'DAY_1', at, at + interval '6.5 hours',
     at + interval '6.5 hours', price, price + 1, price - 1, price + 0.25, 1000 + k, 'IMPORTED'
   FROM generate_series(1, ${BARS}) k, generate_series(1, ${INSTRUMENTS}) n, LATERAL (SELECT
     '2025-01-01T14:30:00Z'::timestamptz + k * interval '1 day' AS at, 100 + (n * 7 + k) % 40 AS price) b`,
  `INSERT INTO models (id, owner_id, name, trader, provider, model_name, universe, starting_cash,
     currency, interval_seconds, status, visibility, log_visibility, version, created_at, updated_at)
   SELECT pg_temp.id_of('model', n), pg_temp.id_of('user', n), 'Model ' || n, 'IMPORTED', 'none', 'm',
     '{}', 10000, 'USD', 60, 'IDLE', 'PUBLIC', 'PRIVATE', 1, '2025-01-01T00:00:00Z',
     '2025-01-01T00:00:00Z'
   FROM generate_series(1, ${READERS}) n`,
  // The first is what the model trades; what its person has besides was opened later.
  `INSERT INTO accounts (id, owner_id, model_id, name, kind, status, currency, zone, starting_cash,
     cash, created_at)
   SELECT pg_temp.id_of(kind, n), pg_temp.id_of('user', n),
     CASE kind WHEN 'board account' THEN pg_temp.id_of('model', n) END, kind, 'PAPER', 'ACTIVE', 'USD',
     'America/New_York', 10000, 8000.5, '2025-01-01T00:00:00Z'::timestamptz + day * interval '1 day'
   FROM (VALUES ('board account', 0), ('account', 1)) AS kinds (kind, day), generate_series(1, ${READERS}) n`,
  `INSERT INTO positions (id, owner_id, account_id, instrument_id, quantity, total_cost,
     realized_pnl, opened_at, updated_at)
   SELECT pg_temp.id_of('position', n * 1000 + k), pg_temp.id_of('user', n), pg_temp.id_of('account', n),
     pg_temp.id_of('instrument', (n + k) % ${INSTRUMENTS} + 1), k, k * (100 + n * 0.25), k * 1.5 - 10,
     '2025-02-01T15:00:00Z'::timestamptz + k * interval '1 hour', '2025-03-01T00:00:00Z'
   FROM generate_series(1, ${POSITIONS}) k, generate_series(1, ${READERS}) n`,
  `INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side, type,
     time_in_force, quantity, status, filled_quantity, filled_notional, reserved, version, created_at,
     updated_at)
   SELECT pg_temp.id_of('order', n * 1000 + k), pg_temp.id_of('user', n), pg_temp.id_of('account', n),
     pg_temp.id_of('instrument', (n + k) % ${INSTRUMENTS} + 1), 'order ' || k, 'BUY', 'MARKET', 'GTC', 2 * k,
     'FILLED', 2 * k, 2 * k * (100 + n * 0.25), 0, 4,
     '2025-02-01T15:00:00Z'::timestamptz + k * interval '1 hour', '2025-02-10T00:00:00Z'
   FROM generate_series(1, ${ORDERS}) k, generate_series(1, ${READERS}) n`,
  // Each in two fills.
  `INSERT INTO trades (id, owner_id, account_id, instrument_id, order_id, fill_sequence, source, side,
     quantity, price, fee, cash_amount, realized_gross, position_quantity, position_cost,
     position_realized, executed_at, recorded_at)
   SELECT pg_temp.id_of('trade', n * 100000 + k * 10 + fill), owner_id, account_id, instrument_id, o.id,
     fill + 1, 'PAPER', 'BUY', k, 100 + n * 0.25, 0.1, -k * (100 + n * 0.25), 0, k, k * 100, 0,
     o.created_at + fill * interval '1 second', o.created_at + fill * interval '1 second'
   FROM generate_series(1, 2) fill, generate_series(1, ${ORDERS}) k, generate_series(1, ${READERS}) n
     JOIN LATERAL (SELECT * FROM orders WHERE id = pg_temp.id_of('order', n * 1000 + k)) o ON true`,
  `INSERT INTO equity_points (account_id, at, owner_id, cash, cost, equity)
   SELECT pg_temp.id_of('account', n), '${FIRST_POINT}'::timestamptz + (k - 1) * interval '${POINT_MINUTES} minutes',
     pg_temp.id_of('user', n), 8000.5, 2000, 10000 + (k * n) % 97 * 1.25
   FROM generate_series(1, ${POINTS}) k, generate_series(1, ${READERS}) n`,
  `INSERT INTO equity_points (account_id, at, owner_id, cash, cost, equity)
   SELECT pg_temp.id_of('board account', n), '2025-01-01T21:00:00Z'::timestamptz + k * interval '1 day',
     pg_temp.id_of('user', n), 5000, 5000, 10000 + (k * n) % 97 * 12.5 + n
   FROM generate_series(1, ${BOARD_DAYS}) k, generate_series(1, ${READERS}) n`,
  'VACUUM ANALYZE users, sessions, instruments, bars, models, accounts, positions, orders, trades, equity_points',
];

/** Stores all that the measures of reads ask for, past all services: the same rows in every run. */
export async function addReadData(ownerUrl: string): Promise<ReadData> {
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query(ID_OF);
    for (const statement of STATEMENTS) await owner.query(statement);
    const { rows } = await owner.query<
      Record<'userId' | 'sessionId' | 'accountId' | 'orderId', string>
    >(
      `SELECT pg_temp.id_of('user', n) AS "userId", pg_temp.id_of('session', n) AS "sessionId",
         pg_temp.id_of('account', n) AS "accountId", pg_temp.id_of('order', n * 1000 + ${ORDERS / 2}) AS "orderId"
       FROM generate_series(1, ${READERS}) n`,
    );
    const readers = rows.map(async ({ userId, sessionId, accountId, orderId }) => ({
      token: await tokenOf({ userId, sessionId }),
      userId,
      accountId,
      orderId,
    }));
    return { readers: await Promise.all(readers) };
  } finally {
    await owner.end();
  }
}
