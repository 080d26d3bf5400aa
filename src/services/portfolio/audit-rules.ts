/** One rule of the books, as SQL over all of them. */
export interface AuditRule {
  readonly name: string;
  /** What must hold, in words. */
  readonly rule: string;
  /** One row for each thing checked: `subject`, what it must be (`expected`) and what it is (`found`). */
  readonly sql: string;
}

const IS_WORKING = `status IN ('PENDING', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED',
  'CANCEL_PENDING', 'UNKNOWN')`;

/** Pairs of account and instrument that were ever traded or held. */
const PAIRS = `
  trade_sums AS (
    SELECT account_id, instrument_id, sum(cash_amount) AS cash, sum(realized_gross) AS realized,
      sum(CASE side WHEN 'BUY' THEN quantity ELSE -quantity END) AS quantity
    FROM trades GROUP BY 1, 2),
  position_sums AS (
    SELECT account_id, instrument_id, sum(quantity) AS quantity, sum(total_cost) AS cost,
      sum(realized_pnl) AS realized
    FROM positions GROUP BY 1, 2),
  pairs AS (
    SELECT 'account ' || account_id || ' instrument ' || instrument_id AS subject,
      coalesce(t.quantity, 0) AS traded, coalesce(p.quantity, 0) AS held,
      coalesce(t.cash, 0) AS cash, coalesce(p.cost, 0) AS cost,
      coalesce(t.realized, 0) AS realized_by_trades, coalesce(p.realized, 0) AS realized
    FROM trade_sums t FULL JOIN position_sums p USING (account_id, instrument_id))`;

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

const POSITION_RULES: readonly AuditRule[] = [
  {
    name: 'positions-are-the-sum-of-trades',
    rule: 'What an account holds is what its trades bought, less what they sold.',
    sql: `WITH ${PAIRS} SELECT subject, trim_scale(traded)::text AS expected,
        trim_scale(held)::text AS found FROM pairs`,
  },
  {
    name: 'cost-and-realized-explain-cash',
    rule: 'Cash booked by the trades of an instrument = −(cost of what is held) + realized.',
    sql: `WITH ${PAIRS} SELECT subject, trim_scale(cash)::text AS expected,
        trim_scale(realized - cost)::text AS found FROM pairs`,
  },
  {
    name: 'realized-is-the-sum-of-trades',
    rule: 'Profit booked on positions is the profit that their trades booked, before fees.',
    sql: `WITH ${PAIRS} SELECT subject, trim_scale(realized_by_trades)::text AS expected,
        trim_scale(realized)::text AS found FROM pairs`,
  },
  {
    name: 'cash-adds-up',
    rule:
      'Cash of an account = starting cash + net deposits + corrections − cost of what it holds ' +
      '+ realized (gross) − fees.',
    sql: `WITH outside AS (
        SELECT e.account_id, sum(e.amount) AS cash
        FROM ledger_entries e JOIN ledger_transfers t ON t.id = e.transfer_id
        WHERE t.cause IN ('DEPOSIT', 'WITHDRAWAL', 'CORRECTION') GROUP BY 1),
      held AS (
        SELECT account_id, sum(total_cost) AS cost, sum(realized_pnl) AS realized
        FROM positions GROUP BY 1),
      charged AS (SELECT account_id, sum(fee) AS fees FROM trades GROUP BY 1)
      SELECT 'account ' || a.id AS subject,
        trim_scale(coalesce(o.cash, 0) - coalesce(h.cost, 0) + coalesce(h.realized, 0)
          - coalesce(c.fees, 0))::text AS expected,
        trim_scale(a.cash)::text AS found
      FROM accounts a LEFT JOIN outside o ON o.account_id = a.id
      LEFT JOIN held h ON h.account_id = a.id LEFT JOIN charged c ON c.account_id = a.id`,
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
        SELECT order_id, sequence, to_status,
          from_status IS NOT DISTINCT FROM lag(to_status) OVER w AS is_joined,
          last_value(to_status) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
            AS final
        FROM order_events WINDOW w AS (PARTITION BY order_id ORDER BY sequence))
      SELECT 'order ' || o.id AS subject, o.version || ' steps to ' || o.status AS expected,
        count(s.sequence) || ' steps to ' || coalesce(max(s.final::text), 'nothing') ||
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
    rule: 'Cash reserved in an account is the sum of what its open orders hold back.',
    sql: `SELECT 'account ' || a.id AS subject,
        trim_scale(coalesce(sum(o.reserved) FILTER (WHERE ${IS_WORKING.replace('status', 'o.status')}),
          0))::text AS expected,
        trim_scale(a.reserved)::text AS found
      FROM accounts a LEFT JOIN orders o ON o.account_id = a.id GROUP BY a.id`,
  },
  {
    name: 'ended-orders-hold-nothing',
    rule: 'An order that ended holds no cash back.',
    sql: `SELECT 'order ' || id AS subject, '0' AS expected, trim_scale(reserved)::text AS found
      FROM orders WHERE NOT ${IS_WORKING}`,
  },
  {
    name: 'reserved-cash-is-there',
    rule: 'No account reserves more cash than it has.',
    sql: `SELECT 'account ' || id AS subject, 'covered' AS expected,
        CASE WHEN reserved <= greatest(cash, 0) THEN 'covered'
          ELSE trim_scale(reserved) || ' of ' || trim_scale(cash) END AS found
      FROM accounts WHERE reserved > 0`,
  },
];

/** Every rule of DOMAIN's "Accounts", "Orders" and "Positions and P&L" that rows can break. */
export const AUDIT_RULES: readonly AuditRule[] = [
  ...LEDGER_RULES,
  ...POSITION_RULES,
  ...ORDER_RULES,
];
