import type { Client } from 'pg';
import { createDatabase } from '../../../src/services/platform/database.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import type { FollowedTrade } from '../../support/trade-follower.ts';
import type { SentOrder } from './load.ts';

/** Everything that is not as it must be, in words; empty when all is well. */
export type Findings = readonly string[];

interface StoredOrder {
  readonly client_order_id: string;
  readonly orders: number;
  readonly status: string;
  readonly version: number;
  readonly filled: string;
}

/** Answered states that no later one may replace. */
const FINAL = ['FILLED', 'DENIED', 'CANCELED', 'REJECTED', 'REPLACED', 'EXPIRED'];

/** Whether the books are in order, by every rule of `audit ledger`. */
export async function auditFindings(url: string): Promise<Findings> {
  const TIMEOUT_MS = 60_000;
  const database = createDatabase({
    url,
    poolSize: 1,
    acquireTimeoutMs: TIMEOUT_MS,
    transactionTimeoutMs: TIMEOUT_MS,
    statementTimeoutMs: TIMEOUT_MS,
  });
  try {
    const { checks } = await auditLedger(database);
    return checks.flatMap(({ name, findings }) =>
      findings.map(
        ({ subject, expected, found }) =>
          `${name}: ${subject}: ${String(expected)} expected, ${String(found)} found`,
      ),
    );
  } finally {
    await database.close();
  }
}

/** Whether each order that was answered is there, once, as it was answered or further on. */
export async function orderFindings(client: Client, sent: readonly SentOrder[]): Promise<Findings> {
  const stored = await storedOrders(client, sent);
  return sent.flatMap(({ clientOrderId, answer, isCanceled, isStoredWhenRefused }) => {
    if (!answer) return [];
    const order = stored.get(clientOrderId);
    if (!order && answer.kind === 'refused' && !isStoredWhenRefused) return [];
    if (!order) return [`${clientOrderId} was answered and is lost`];
    if (order.orders !== 1) return [`${clientOrderId} is there ${String(order.orders)} times`];
    if (answer.kind === 'refused') {
      return order.status === 'DENIED'
        ? []
        : [`${clientOrderId} was refused (${answer.error}) and is ${order.status}`];
    }
    if (isCanceled && order.status !== 'CANCELED') {
      return [`${clientOrderId} was canceled and is ${order.status}`];
    }
    const { status, version, filledQuantity } = answer.order;
    const isLater = order.version > version && !FINAL.includes(status);
    const isSame = order.version === version && order.status === status;
    return (isSame || isLater) && Number(order.filled) >= Number(filledQuantity)
      ? []
      : [`${clientOrderId} was answered ${status} (${String(version)}) and is ${order.status}`];
  });
}

/** How many of these orders are stored. */
export async function countStored(client: Client, sent: readonly SentOrder[]): Promise<number> {
  return (await storedOrders(client, sent)).size;
}

async function storedOrders(
  client: Client,
  sent: readonly SentOrder[],
): Promise<ReadonlyMap<string, StoredOrder>> {
  const { rows } = await client.query<StoredOrder>(
    `SELECT client_order_id, count(*)::int AS orders, max(status::text) AS status,
       max(version)::int AS version, max(filled_quantity)::text AS filled
     FROM orders WHERE client_order_id = ANY($1) GROUP BY client_order_id`,
    [sent.map(({ clientOrderId }) => clientOrderId)],
  );
  return new Map(rows.map((row) => [row.client_order_id, row]));
}

/** Each must hold over the whole database once nothing is under way; the answer names what breaks it. */
const RULES: readonly { readonly rule: string; readonly sql: string }[] = [
  { rule: 'the outbox is empty', sql: 'SELECT id::text AS broken FROM outbox' },
  {
    rule: 'no order is filled above its quantity',
    sql: `SELECT o.client_order_id AS broken FROM orders o JOIN trades t ON t.order_id = o.id
      GROUP BY o.id HAVING sum(t.quantity) > o.quantity`,
  },
  {
    rule: 'no order is left half done',
    sql: `SELECT client_order_id || ' ' || status AS broken FROM orders
      WHERE status NOT IN ('FILLED', 'DENIED', 'CANCELED', 'REJECTED', 'REPLACED', 'EXPIRED')`,
  },
  {
    rule: 'no cash is held back when no order works',
    sql: `SELECT id || ' holds ' || reserved AS broken FROM accounts WHERE reserved <> 0`,
  },
  {
    rule: 'who held an instrument before its split or dividend had a part in it, and no order of before works',
    sql: `SELECT a.kind || ' ' || a.id || ' of ' || p.account_id AS broken
      FROM corporate_actions a JOIN positions p ON p.instrument_id = a.instrument_id
      WHERE a.effective_at <= now() AND p.opened_at < a.effective_at
        AND (p.closed_at IS NULL OR p.closed_at >= a.effective_at)
        AND NOT EXISTS (SELECT FROM corporate_action_effects e
          WHERE e.action_id = a.id AND e.account_id = p.account_id)`,
  },
  {
    rule: 'the positions of the log have no gap and begin with 1',
    sql: `SELECT 'position ' || position AS broken FROM (
        SELECT position, lag(position, 1, 0::bigint) OVER (ORDER BY position) AS before
        FROM event_log) AS steps
      WHERE position <> before + 1`,
  },
  {
    rule: 'the head is the last position of the log',
    sql: `SELECT position || ' of ' || last AS broken
      FROM event_head, (SELECT coalesce(max(position), 0) AS last FROM event_log) AS log
      WHERE id = 1 AND position <> last`,
  },
  {
    rule: 'each event names the one before it of its topic',
    sql: `SELECT 'position ' || position AS broken FROM (
        SELECT position, previous_position,
          lag(position, 1, 0::bigint) OVER (PARTITION BY topic ORDER BY position) AS before
        FROM event_log) AS steps
      WHERE previous_position <> before`,
  },
  {
    rule: 'each trade has exactly one TradeExecuted',
    sql: `SELECT coalesce(t.id::text, 'no trade') || ' has ' || count(e.position) AS broken
      FROM trades t FULL JOIN event_log e
        ON e.type = 'TradeExecuted' AND (e.payload ->> 'id')::uuid = t.id
      WHERE e.type = 'TradeExecuted' OR e.type IS NULL
      GROUP BY t.id HAVING count(e.position) <> 1 OR t.id IS NULL`,
  },
];

export async function logFindings(client: Client): Promise<Findings> {
  const found: string[] = [];
  for (const { rule, sql } of RULES) {
    const { rows } = await client.query<{ broken: string }>(`${sql} LIMIT 5`);
    if (rows.length > 0) found.push(`${rule}: ${rows.map(({ broken }) => broken).join(', ')}`);
  }
  return found;
}

/** Ids of all trades of an owner, in the order of their events. */
export async function loggedTrades(client: Client, ownerId: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT payload ->> 'id' AS id FROM event_log
     WHERE type = 'TradeExecuted' AND owner_id = $1 ORDER BY position`,
    [ownerId],
  );
  return rows.map(({ id }) => id);
}

/** Whether a subscriber saw each trade once and in order. Its ids are global ones. */
export function followerFindings(
  seen: readonly FollowedTrade[],
  logged: readonly string[],
): Findings {
  const ids = seen.map(({ tradeId }) =>
    Buffer.from(tradeId, 'base64').toString().replace('Trade:', ''),
  );
  const at = ids.findIndex((id, index) => id !== logged[index]);
  if (at !== -1) return [`the subscriber's trade ${String(at + 1)} is ${String(ids[at])}`];
  return ids.length === logged.length
    ? []
    : [`the subscriber saw ${String(ids.length)} of ${String(logged.length)} trades`];
}
