import type { AuditRule } from './audit-rule.ts';

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

/** A position as one text: `10 for 100, realized 0`; null when there is none. */
function holding(quantity: string, cost: string, realized: string): string {
  return `trim_scale(${quantity}) || ' for ' || trim_scale(${cost}) || ', realized ' ||
          trim_scale(${realized})`;
}

/** What rows of trades and positions can break. */
export const POSITION_RULES: readonly AuditRule[] = [
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
    name: 'trades-keep-the-position-they-left',
    rule:
      'The position that a trade says it left is that of the trade before it, by time and then by ' +
      'id, with its own quantity, cash and profit.',
    sql: `WITH signed AS (
        SELECT *, CASE side WHEN 'BUY' THEN quantity ELSE -quantity END AS change FROM trades),
      led AS (
        SELECT *, coalesce(lag(position_quantity) OVER earlier, 0) AS quantity_before,
          coalesce(lag(position_cost) OVER earlier, 0) AS cost_before,
          coalesce(lag(position_realized) OVER earlier, 0) AS realized_before
        FROM signed
        WINDOW earlier AS (PARTITION BY account_id, instrument_id ORDER BY executed_at, id))
      SELECT 'trade ' || id AS subject,
        ${holding(
          'quantity_before + change',
          'cost_before - cash_amount + realized_gross',
          // A position that it opened, from nothing or beyond zero, has realized nothing yet.
          `CASE WHEN quantity_before = 0 OR sign(quantity_before + change) = -sign(quantity_before)
            THEN 0 ELSE realized_before + realized_gross END`,
        )} AS expected,
        ${holding('position_quantity', 'position_cost', 'position_realized')} AS found
      FROM led`,
  },
  {
    name: 'positions-are-as-their-newest-trade-left-them',
    rule: 'The newest position of an account in an instrument is the one that its newest trade left.',
    sql: `WITH newest_trades AS (
        SELECT DISTINCT ON (account_id, instrument_id) * FROM trades
        ORDER BY account_id, instrument_id, executed_at DESC, id DESC),
      newest_positions AS (
        SELECT DISTINCT ON (account_id, instrument_id) * FROM positions
        ORDER BY account_id, instrument_id, closed_at IS NOT NULL, opened_at DESC, id DESC)
      SELECT 'account ' || account_id || ' instrument ' || instrument_id AS subject,
        ${holding('t.position_quantity', 't.position_cost', 't.position_realized')} AS expected,
        ${holding('p.quantity', 'p.total_cost', 'p.realized_pnl')} AS found
      FROM newest_trades t FULL JOIN newest_positions p USING (account_id, instrument_id)`,
  },
  {
    name: 'cash-adds-up',
    rule:
      'Cash of an account = starting cash + net deposits + dividends + corrections + resets − cost ' +
      'of what it holds + realized (gross) − fees.',
    sql: `WITH outside AS (
        SELECT e.account_id, sum(e.amount) AS cash
        FROM ledger_entries e JOIN ledger_transfers t ON t.id = e.transfer_id
        WHERE t.cause IN ('DEPOSIT', 'WITHDRAWAL', 'CORRECTION', 'DIVIDEND', 'RESET') GROUP BY 1),
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
