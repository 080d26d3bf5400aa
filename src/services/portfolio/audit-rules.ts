import { HISTORY_RULES } from './audit-history-rules.ts';
import { POSITION_RULES } from './audit-position-rules.ts';
import { IS_WORKING } from './order-standing.ts';
import type { AuditRule } from './audit-rule.ts';

const LEDGER_RULES: readonly AuditRule[] = [
  {
    name: 'transfers-balance',
    rule: 'The entries of each transfer are two or more, and sum to zero.',
    sql: `SELECT 'transfer ' || t.id AS subject, '0' AS expected,
        CASE WHEN count(e.line) < 2 THEN count(e.line) || ' entries'
          ELSE trim_scale(sum(e.amount))::text END AS found
      FROM ledger_transfers t LEFT JOIN ledger_entries e ON e.transfer_id = t.id GROUP BY t.id`,
  },
  {
    name: 'cash-is-the-sum-of-its-entries',
    rule: 'The cash of each account is the sum of its ledger entries.',
    sql: `SELECT 'account ' || a.id AS subject,
        trim_scale(coalesce(sum(e.amount), 0))::text AS expected, trim_scale(a.cash)::text AS found
      FROM accounts a LEFT JOIN ledger_entries e ON e.account_id = a.id GROUP BY a.id`,
  },
  {
    name: 'starting-cash-was-deposited',
    rule: 'The starting cash of each account came in as its first deposit.',
    sql: `SELECT 'account ' || a.id AS subject, trim_scale(a.starting_cash)::text AS expected,
        trim_scale(coalesce(sum(e.amount), 0))::text AS found
      FROM accounts a
      LEFT JOIN ledger_transfers t ON t.cause = 'DEPOSIT' AND t.cause_id = a.id
      LEFT JOIN ledger_entries e ON e.transfer_id = t.id AND e.account_id = a.id
      GROUP BY a.id`,
  },
  {
    name: 'trades-moved-their-cash',
    rule: 'Each trade moved its cash by one FILL transfer, and its fee by one FEE transfer.',
    sql: `SELECT 'trade ' || t.id AS subject,
        trim_scale(t.cash_amount) || ' and ' || trim_scale(-t.fee) AS expected,
        trim_scale(coalesce(sum(e.amount) FILTER (WHERE l.cause = 'FILL'), 0)) || ' and ' ||
          trim_scale(coalesce(sum(e.amount) FILTER (WHERE l.cause = 'FEE'), 0)) AS found
      FROM trades t
      LEFT JOIN ledger_transfers l ON l.cause_id = t.id AND l.cause IN ('FILL', 'FEE')
      LEFT JOIN ledger_entries e ON e.transfer_id = l.id AND e.account_id = t.account_id
      GROUP BY t.id`,
  },
  {
    name: 'transfers-have-their-trade',
    rule: 'Each FILL and each FEE transfer belongs to a trade.',
    sql: `SELECT 'transfer ' || l.id AS subject, l.cause_id::text AS expected, t.id::text AS found
      FROM ledger_transfers l LEFT JOIN trades t ON t.id = l.cause_id
      WHERE l.cause IN ('FILL', 'FEE')`,
  },
];

const ORDER_RULES: readonly AuditRule[] = [
  {
    name: 'orders-are-filled-by-their-trades',
    rule: 'The filled quantity and notional of each order are the sums over its trades.',
    sql: `SELECT 'order ' || o.id AS subject,
        trim_scale(coalesce(sum(t.quantity), 0)) || ' for ' ||
          trim_scale(round(coalesce(sum(t.quantity * t.price), 0), 12)) AS expected,
        trim_scale(o.filled_quantity) || ' for ' ||
          trim_scale(round(o.filled_notional, 12)) AS found
      FROM orders o LEFT JOIN trades t ON t.order_id = o.id GROUP BY o.id`,
  },
  {
    name: 'fills-are-steps-of-their-order',
    rule: 'Each fill of an order is one step of its history, and no step is filled twice.',
    sql: `SELECT 'order ' || t.order_id || ' fill ' || t.fill_sequence AS subject,
        'one step, one fill' AS expected,
        CASE WHEN count(DISTINCT h.sequence) = 1 AND count(DISTINCT t.id) = 1
          THEN 'one step, one fill'
          ELSE count(DISTINCT h.sequence) || ' steps, ' || count(DISTINCT t.id) || ' fills'
        END AS found
      FROM trades t
      LEFT JOIN order_events h ON h.order_id = t.order_id AND h.sequence = t.fill_sequence
      WHERE t.order_id IS NOT NULL GROUP BY t.order_id, t.fill_sequence`,
  },
  {
    name: 'histories-lead-to-the-state',
    rule: 'The history of each order has no gap, and its last step is the state of the order.',
    sql: `WITH steps AS (
        SELECT order_id, sequence, to_status, from_status IS NOT DISTINCT FROM
          lag(to_status) OVER (PARTITION BY order_id ORDER BY sequence) AS is_joined
        FROM order_events)
      SELECT 'order ' || o.id AS subject, o.version || ' steps to ' || o.status AS expected,
        count(s.sequence) || ' steps to ' ||
          coalesce(max(s.to_status::text) FILTER (WHERE s.sequence = o.version), 'nothing') ||
          CASE WHEN bool_and(s.is_joined) AND max(s.sequence) = count(s.sequence)
            THEN '' ELSE ', with a gap' END AS found
      FROM orders o LEFT JOIN steps s ON s.order_id = o.id GROUP BY o.id`,
  },
  {
    name: 'states-fit-what-is-filled',
    rule: 'A FILLED order is filled, a PARTIALLY_FILLED one in part, an open or refused one not.',
    sql: `SELECT 'order ' || id || ' ' || status AS subject,
        CASE WHEN status = 'FILLED' THEN 'all'
          WHEN status = 'PARTIALLY_FILLED' THEN 'part'
          WHEN status IN ('CANCEL_PENDING', 'CANCELED', 'EXPIRED', 'REPLACED') THEN
            CASE WHEN filled_quantity = quantity THEN 'part' ELSE filled END
          ELSE 'nothing' END AS expected,
        filled AS found
      FROM orders CROSS JOIN LATERAL (SELECT CASE filled_quantity WHEN 0 THEN 'nothing'
        WHEN quantity THEN 'all' ELSE 'part' END AS filled) f`,
  },
  {
    name: 'reserved-is-held-by-open-orders',
    rule:
      'Cash reserved in an account is the sum of what its open orders hold back, and on paper of twice ' +
      'what its short positions brought in.',
    sql: `WITH ordered AS (
        SELECT account_id, sum(reserved) AS amount FROM orders WHERE ${IS_WORKING} GROUP BY 1),
      short AS (
        SELECT account_id, 2 * sum(abs(total_cost)) AS amount FROM positions
        WHERE closed_at IS NULL AND quantity < 0 GROUP BY 1)
      SELECT 'account ' || a.id AS subject,
        trim_scale(coalesce(o.amount, 0) + CASE a.kind WHEN 'PAPER' THEN coalesce(s.amount, 0)
          ELSE 0 END)::text AS expected,
        trim_scale(a.reserved)::text AS found
      FROM accounts a LEFT JOIN ordered o ON o.account_id = a.id
      LEFT JOIN short s ON s.account_id = a.id`,
  },
  {
    name: 'ended-orders-hold-nothing',
    rule: 'An order that ended holds no cash back.',
    sql: `SELECT 'order ' || id AS subject, '0' AS expected, trim_scale(reserved)::text AS found
      FROM orders WHERE NOT ${IS_WORKING}`,
  },
  {
    name: 'reserved-cash-is-there',
    rule:
      'No account with an open order that holds cash back reserves more than it has. Without one, what is ' +
      'short may have lost more than there is.',
    sql: `SELECT 'account ' || a.id AS subject, 'covered' AS expected,
        CASE WHEN a.reserved <= greatest(a.cash, 0) THEN 'covered'
          ELSE trim_scale(a.reserved) || ' of ' || trim_scale(a.cash) END AS found
      FROM accounts a WHERE a.reserved > 0 AND EXISTS (
        SELECT 1 FROM orders o WHERE o.account_id = a.id AND o.reserved > 0)`,
  },
];

/** Every rule of DOMAIN's "Accounts", "Orders" and "Positions and P&L" that rows can break. */
export const AUDIT_RULES: readonly AuditRule[] = [
  ...LEDGER_RULES,
  ...POSITION_RULES,
  ...ORDER_RULES,
  ...HISTORY_RULES,
];
