import { CAN_FILL } from './order-standing.ts';
import type { AuditRule } from './audit-rule.ts';

/**
 * The steps that DOMAIN's states of an order allow, whatever the event was; the table of events is
 * trading's. A test holds the two together.
 */
export const LEGAL_STEPS: Readonly<Record<string, readonly string[]>> = {
  PENDING: ['PENDING', 'DENIED', 'SUBMITTED', 'CANCELED', 'EXPIRED', 'REPLACED'],
  SUBMITTED: [
    ...['ACCEPTED', 'REJECTED', 'TRIGGERED', 'PARTIALLY_FILLED', 'FILLED', 'CANCEL_PENDING'],
    ...['CANCELED', 'EXPIRED', 'UNKNOWN'],
  ],
  ACCEPTED: [
    ...['ACCEPTED', 'REJECTED', 'TRIGGERED', 'PARTIALLY_FILLED', 'FILLED', 'CANCEL_PENDING'],
    ...['CANCELED', 'EXPIRED', 'REPLACED'],
  ],
  TRIGGERED: [
    ...['TRIGGERED', 'REJECTED', 'PARTIALLY_FILLED', 'FILLED', 'CANCEL_PENDING', 'CANCELED'],
    ...['EXPIRED', 'REPLACED'],
  ],
  PARTIALLY_FILLED: [
    ...['PARTIALLY_FILLED', 'FILLED', 'CANCEL_PENDING', 'CANCELED', 'EXPIRED', 'REPLACED'],
  ],
  CANCEL_PENDING: [
    ...['CANCEL_PENDING', 'ACCEPTED', 'TRIGGERED', 'PARTIALLY_FILLED', 'FILLED', 'REJECTED'],
    ...['CANCELED', 'EXPIRED'],
  ],
  UNKNOWN: [
    ...['ACCEPTED', 'REJECTED', 'TRIGGERED', 'PARTIALLY_FILLED', 'FILLED', 'CANCEL_PENDING'],
    ...['CANCELED', 'EXPIRED', 'REPLACED'],
  ],
  CANCELED: ['CANCELED', 'FILLED'],
  EXPIRED: ['EXPIRED', 'FILLED'],
  REPLACED: ['REPLACED', 'FILLED'],
};

const STEPS = Object.entries(LEGAL_STEPS)
  .flatMap(([from, targets]) => targets.map((to) => `('${from}', '${to}')`))
  .join(', ');

/**
 * What histories and groups of orders can break, and what keeps all of it from being changed later.
 */
export const HISTORY_RULES: readonly AuditRule[] = [
  {
    name: 'histories-are-walks-of-the-table',
    rule: 'Each history begins as PENDING, and each of its steps is one that the table of states has.',
    sql: `SELECT 'order ' || order_id || ' step ' || sequence AS subject, 'a legal step' AS expected,
        CASE WHEN (from_status::text, to_status::text) IN (VALUES ${STEPS})
            OR (from_status IS NULL AND to_status = 'PENDING') THEN 'a legal step'
          ELSE coalesce(from_status::text, 'nothing') || ' to ' || to_status END AS found
      FROM order_events`,
  },
  {
    name: 'exits-fill-no-more-than-their-entry',
    rule: 'The legs of a bracket close no more than its entry opened.',
    sql: `SELECT 'group ' || group_id AS subject, 'no more' AS expected,
        CASE WHEN out <= entered OR NOT has_entry THEN 'no more'
          ELSE trim_scale(out) || ' of ' || trim_scale(entered) END AS found
      FROM (SELECT coalesce(group_id, id) AS group_id, bool_or(leg = 'ENTRY') AS has_entry,
          coalesce(sum(filled_quantity) FILTER (WHERE leg = 'ENTRY'), 0) AS entered,
          coalesce(sum(filled_quantity) FILTER (WHERE leg <> 'ENTRY'), 0) AS out
        FROM orders GROUP BY 1) AS groups`,
  },
  {
    name: 'legs-of-a-group-agree',
    rule:
      'The orders of a group are of one account and one instrument; its legs on paper that can be ' +
      'filled have the same left, and none can be once one of them is filled.',
    sql: `SELECT 'group ' || group_id AS subject, 'one' AS expected,
        CASE WHEN places > 1 THEN places || ' accounts and instruments'
          WHEN sizes > 1 THEN sizes || ' quantities left'
          WHEN is_over AND sizes > 0 THEN 'legs that outlive the exit'
          ELSE 'one' END AS found
      FROM (SELECT coalesce(group_id, o.id) AS group_id,
          count(DISTINCT (account_id, instrument_id)) AS places,
          count(DISTINCT quantity - filled_quantity) FILTER (
            WHERE leg <> 'ENTRY' AND o.${CAN_FILL} AND a.kind = 'PAPER') AS sizes,
          coalesce(bool_or(leg <> 'ENTRY' AND o.status = 'FILLED'), false) AS is_over
        FROM orders o JOIN accounts a ON a.id = o.account_id GROUP BY 1) AS groups`,
  },
  {
    name: 'replacements-name-each-other',
    rule:
      'An order that was replaced and the one in its place name each other, in one account. One that ' +
      'is sent to a broker names the other first, and alone when the broker does not take it.',
    sql: `SELECT 'order ' || o.id AS subject, 'named back' AS expected,
        CASE WHEN (o.replaced_by_id IS NULL
              OR (next.replaces_id = o.id AND next.account_id = o.account_id))
            AND (o.replaces_id IS NULL OR (before.account_id = o.account_id AND (
              before.replaced_by_id = o.id OR (a.kind = 'LIVE' AND (before.status <> 'REPLACED'
                OR o.status = 'REJECTED' OR o.broker_order_id IS NULL)))))
            AND (o.status <> 'REPLACED' OR o.replaced_by_id IS NOT NULL)
          THEN 'named back' ELSE 'one-sided' END AS found
      FROM orders o JOIN accounts a ON a.id = o.account_id
      LEFT JOIN orders next ON next.id = o.replaced_by_id
      LEFT JOIN orders before ON before.id = o.replaces_id`,
  },
  {
    name: 'currencies-agree',
    rule: 'What is traded, and what is moved, is in the currency of its account.',
    sql: `SELECT 'trade ' || t.id AS subject, a.currency AS expected, i.currency AS found
      FROM trades t JOIN accounts a ON a.id = t.account_id
      JOIN instruments i ON i.id = t.instrument_id
      UNION ALL
      SELECT 'transfer ' || l.id, a.currency, l.currency
      FROM ledger_entries e JOIN ledger_transfers l ON l.id = e.transfer_id
      JOIN accounts a ON a.id = e.account_id`,
  },
  {
    name: 'closed-accounts-are-at-rest',
    rule: 'A closed account reserves nothing and has no order that can be filled.',
    sql: `SELECT 'account ' || a.id AS subject, 'at rest or open' AS expected,
        CASE WHEN a.status = 'ACTIVE' THEN 'at rest or open'
          WHEN a.reserved <> 0 THEN 'reserved cash'
          WHEN EXISTS (SELECT 1 FROM orders o
            WHERE o.account_id = a.id AND o.${CAN_FILL}) THEN 'an order'
          ELSE 'at rest or open' END AS found
      FROM accounts a`,
  },
  {
    name: 'books-only-grow',
    rule: 'The database itself refuses to change or delete transfers, entries and histories.',
    sql: `SELECT 'table ' || name AS subject, 'guarded' AS expected,
        CASE WHEN EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = name::regclass
            AND t.tgname LIKE 'append_only%' AND t.tgenabled IN ('O', 'A'))
          THEN 'guarded' ELSE 'open' END AS found
      FROM unnest(ARRAY['ledger_transfers', 'ledger_entries', 'order_events']) AS name`,
  },
];
