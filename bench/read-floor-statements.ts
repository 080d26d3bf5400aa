import { ORDERS, POSITIONS, READERS } from './read-data.ts';

const ACCOUNT = `SELECT id FROM accounts WHERE owner_id = $1
  ORDER BY created_at DESC, id DESC LIMIT 1`;
const ORDER = `o.id, o.side, o.type, o.status, o.quantity, o.filled_quantity,
  round(o.filled_notional / nullif(o.filled_quantity, 0), 18), o.created_at, i.symbol`;
const POSITION = `p.id, p.quantity, round(p.total_cost / nullif(p.quantity, 0), 18), p.realized_pnl,
  p.opened_at, i.symbol`;
const OPEN_POSITIONS = `p.owner_id = $1 AND p.closed_at IS NULL AND p.account_id = (${ACCOUNT})
  ORDER BY p.opened_at DESC, p.id DESC LIMIT ${POSITIONS}`;
const ENTRY = `b.model_id, b.model_name, b.equity, b.starting_cash, round(b.equity / b.base - 1, 18),
  cardinality(b.equities)`;

/**
 * The SQL of the floor, each prepared by name. All of it keeps to its owner, besides row-level security,
 * as the program does.
 */
export const FLOOR_STATEMENTS = {
  session: `SELECT user_id, role::text, status::text, token_version, expires_at, revoked_at
    FROM find_session($1)`,
  person: `SELECT u.id, u.username, a.id, a.name, a.currency, a.cash
    FROM users u JOIN accounts a ON a.id = (${ACCOUNT}) WHERE u.id = $1`,
  positions: `SELECT ${POSITION} FROM positions p JOIN instruments i ON i.id = p.instrument_id
    WHERE ${OPEN_POSITIONS}`,
  valued: `SELECT ${POSITION}, p.quantity * mark.close, p.quantity * mark.close - p.total_cost
    FROM positions p JOIN instruments i ON i.id = p.instrument_id
    LEFT JOIN LATERAL (
      SELECT bar.close FROM unnest(enum_range(NULL::bar_interval)) AS span (interval)
      CROSS JOIN LATERAL (
        SELECT close, close_time FROM bars
        WHERE instrument_id = i.id AND interval = span.interval
          AND known_at <= $2 AND close_time <= $2 AND close IS NOT NULL AND open_time < $2
        ORDER BY open_time DESC, known_at DESC LIMIT 1) AS bar
      ORDER BY bar.close_time DESC LIMIT 1) AS mark ON true
    WHERE ${OPEN_POSITIONS}`,
  orders: `SELECT ${ORDER} FROM orders o JOIN instruments i ON i.id = o.instrument_id
    WHERE o.owner_id = $1 ORDER BY o.created_at DESC, o.id DESC LIMIT ${ORDERS}`,
  trades: `SELECT t.* FROM (SELECT id FROM orders WHERE owner_id = $1
      ORDER BY created_at DESC, id DESC LIMIT ${ORDERS}) AS o
    CROSS JOIN LATERAL (SELECT order_id, id, quantity, price, fee, executed_at FROM trades
      WHERE order_id = o.id AND owner_id = $1 ORDER BY executed_at DESC, id DESC LIMIT 5) AS t`,
  order: `SELECT ${ORDER} FROM orders o JOIN instruments i ON i.id = o.instrument_id
    WHERE o.id = $1 AND o.owner_id = $2`,
  board: `SELECT ${ENTRY}, u.username
    FROM leaderboard_equity($1, NULL) b LEFT JOIN users u ON u.id = b.owner_id`,
  publicBoard: `SELECT ${ENTRY} FROM leaderboard_equity($1, NULL) b LIMIT ${READERS}`,
  curveAccount: 'SELECT currency FROM accounts WHERE id = $1 AND owner_id = $2',
  points: `SELECT at, equity, cash, equity - cash - cost FROM equity_points
    WHERE account_id = $1 AND owner_id = $2 AND at BETWEEN $3 AND $4 ORDER BY at`,
  bars: `SELECT DISTINCT ON (b.open_time) b.open_time, b.close_time, b.open, b.high, b.low, b.close, b.volume
    FROM bars b WHERE b.instrument_id = (SELECT id FROM instruments WHERE symbol = $1)
      AND b.interval = 'DAY_1' AND b.known_at <= $2 AND b.open_time < $2
    ORDER BY b.open_time DESC, b.known_at DESC LIMIT 100`,
  instruments: `SELECT id, symbol, name, asset_class, currency, tick_size, is_tradable FROM instruments
    ORDER BY symbol LIMIT 50`,
} as const;
export type FloorStatement = keyof typeof FLOOR_STATEMENTS;
