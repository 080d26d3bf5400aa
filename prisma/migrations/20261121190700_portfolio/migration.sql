-- Accounts that add up: splits and resets as trades, when an action was applied, and the ledger as its owner reads it.

-- AlterEnum
ALTER TYPE "trade_source" ADD VALUE 'SPLIT';
ALTER TYPE "trade_source" ADD VALUE 'RESET';

-- AlterTable
ALTER TABLE "corporate_actions" ADD COLUMN     "applied_at" TIMESTAMPTZ(6);

-- What is still to be done, for who applies it.
CREATE INDEX corporate_actions_due ON corporate_actions (effective_at) WHERE applied_at IS NULL;
GRANT UPDATE (applied_at) ON corporate_actions TO tradegraph_worker;

-- The entries of accounts with what moved them. It shows whoever looks what their own rights show them.
CREATE VIEW account_ledger WITH (security_invoker = true) AS
  SELECT e.transfer_id AS id, e.account_id, e.owner_id, t.cause, t.cause_id, t.currency, e.amount, e.occurred_at,
    t.recorded_at
  FROM ledger_entries e JOIN ledger_transfers t ON t.id = e.transfer_id
  WHERE e.ledger_account = 'CASH';
GRANT SELECT ON account_ledger TO tradegraph_server, tradegraph_worker;

-- What was traded in that time, by currency. Corrections of records, splits and resets are no trades.
CREATE OR REPLACE FUNCTION trading_figures(p_from timestamptz, p_to timestamptz)
RETURNS TABLE (currency text, trades bigint, volume numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET enable_bitmapscan = on SET jit = off SET plan_cache_mode = force_custom_plan AS $$
  SELECT i.currency, sum(t.trades)::bigint, sum(t.volume)
  FROM (
    SELECT instrument_id, count(*) AS trades, sum(price * quantity) AS volume FROM trades
    WHERE executed_at >= p_from AND executed_at < p_to
      AND source::text NOT IN ('CORRECTION', 'SPLIT', 'RESET') GROUP BY instrument_id
  ) t JOIN instruments i ON i.id = t.instrument_id
  WHERE (SELECT viewer_is_admin())
  GROUP BY i.currency ORDER BY i.currency
$$;
