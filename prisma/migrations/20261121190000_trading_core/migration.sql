-- The trading core: more kinds of orders, what they pay, limits and switches, brokers, corporate actions.

-- CreateEnum
CREATE TYPE "market_calendar" AS ENUM ('ALWAYS', 'US_STOCKS', 'CN_STOCKS');

-- CreateEnum
CREATE TYPE "slippage_model" AS ENUM ('NONE', 'FIXED_BPS', 'VOLUME_SHARE');

-- CreateEnum
CREATE TYPE "fee_model" AS ENUM ('INSTRUMENT', 'NONE');

-- CreateEnum
CREATE TYPE "liquidity_model" AS ENUM ('QUOTED_SIZE', 'UNLIMITED');

-- CreateEnum
CREATE TYPE "order_class" AS ENUM ('SIMPLE', 'BRACKET', 'OCO', 'OTO');

-- CreateEnum
CREATE TYPE "order_leg" AS ENUM ('ENTRY', 'TAKE_PROFIT', 'STOP_LOSS');

-- CreateEnum
CREATE TYPE "trade_liquidity" AS ENUM ('MAKER', 'TAKER');

-- CreateEnum
CREATE TYPE "risk_scope" AS ENUM ('DEPLOYMENT', 'USER', 'ACCOUNT');

-- CreateEnum
CREATE TYPE "broker_kind" AS ENUM ('ALPACA', 'CCXT');

-- CreateEnum
CREATE TYPE "discrepancy_kind" AS ENUM ('CASH', 'POSITION', 'ORDER');

-- CreateEnum
CREATE TYPE "corporate_action_kind" AS ENUM ('SPLIT', 'DIVIDEND');

-- AlterEnum
ALTER TYPE "market_source" ADD VALUE 'BROKER';

-- AlterEnum
ALTER TYPE "account_kind" ADD VALUE 'EXTERNAL';

-- AlterEnum
ALTER TYPE "transfer_cause" ADD VALUE 'DIVIDEND';
ALTER TYPE "transfer_cause" ADD VALUE 'RESET';

-- AlterEnum
ALTER TYPE "order_type" ADD VALUE 'TRAILING_STOP';

-- AlterEnum
ALTER TYPE "trade_source" ADD VALUE 'BROKER';
ALTER TYPE "trade_source" ADD VALUE 'EXTERNAL';

-- AlterTable
ALTER TABLE "instruments" ADD COLUMN     "calendar" "market_calendar" NOT NULL DEFAULT 'ALWAYS',
ADD COLUMN     "fee_minimum" DECIMAL(38,18) NOT NULL DEFAULT 0,
ADD COLUMN     "fee_per_unit" DECIMAL(38,18) NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "allows_short" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "fee_model" "fee_model" NOT NULL DEFAULT 'INSTRUMENT',
ADD COLUMN     "latency_ms" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "liquidity_model" "liquidity_model" NOT NULL DEFAULT 'QUOTED_SIZE',
ADD COLUMN     "slippage_bps" DECIMAL(12,6) NOT NULL DEFAULT 0,
ADD COLUMN     "slippage_model" "slippage_model" NOT NULL DEFAULT 'NONE';

-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "broker_order_id" TEXT,
ADD COLUMN     "group_id" UUID,
ADD COLUMN     "leg" "order_leg",
ADD COLUMN     "notional" DECIMAL(38,18),
ADD COLUMN     "order_class" "order_class" NOT NULL DEFAULT 'SIMPLE',
ADD COLUMN     "replaced_by_id" UUID,
ADD COLUMN     "replaces_id" UUID,
ADD COLUMN     "trail_amount" DECIMAL(38,18),
ADD COLUMN     "trail_percent" DECIMAL(9,6);

-- AlterTable
-- What was written down before was written down as it happened. The table takes no UPDATE else.
ALTER TABLE "order_events" ADD COLUMN     "recorded_at" TIMESTAMPTZ(6);
ALTER TABLE "order_events" DISABLE TRIGGER USER;
UPDATE "order_events" SET "recorded_at" = "occurred_at";
ALTER TABLE "order_events" ENABLE TRIGGER USER;
ALTER TABLE "order_events" ALTER COLUMN "recorded_at" SET NOT NULL;

-- AlterTable
ALTER TABLE "trades" ADD COLUMN     "broker_trade_id" TEXT,
ADD COLUMN     "fee_model" "fee_model",
ADD COLUMN     "liquidity" "trade_liquidity",
ADD COLUMN     "liquidity_model" "liquidity_model",
ADD COLUMN     "slippage" DECIMAL(38,18),
ADD COLUMN     "slippage_model" "slippage_model";

-- CreateTable
CREATE TABLE "risk_limits" (
    "id" UUID NOT NULL,
    "scope" "risk_scope" NOT NULL,
    "owner_id" UUID,
    "account_id" UUID,
    "max_order_value" DECIMAL(38,18),
    "max_position_share" DECIMAL(9,6),
    "price_collar" DECIMAL(9,6),
    "max_instrument_price" DECIMAL(38,18),
    "orders_per_minute" INTEGER,
    "daily_loss_limit" DECIMAL(38,18),
    "allowed_symbols" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "updated_by" UUID NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "risk_limits_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "kill_switches" (
    "id" UUID NOT NULL,
    "scope" "risk_scope" NOT NULL,
    "owner_id" UUID,
    "account_id" UUID,
    "is_on" BOOLEAN NOT NULL,
    "reason" TEXT,
    "is_by_administrator" BOOLEAN NOT NULL,
    "changed_by" UUID NOT NULL,
    "changed_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "kill_switches_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "disconnect_switches" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "armed_at" TIMESTAMPTZ(6) NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "disconnect_switches_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "broker_connections" (
    "account_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "broker" "broker_kind" NOT NULL,
    "exchange" TEXT,
    "is_sandbox" BOOLEAN NOT NULL,
    "credential_id" UUID NOT NULL,
    "is_live_enabled" BOOLEAN NOT NULL DEFAULT false,
    "news_cursor" TEXT,
    "reconciled_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "broker_connections_pkey" PRIMARY KEY ("account_id")
);

-- CreateTable
CREATE TABLE "broker_discrepancies" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "kind" "discrepancy_kind" NOT NULL,
    "subject" TEXT NOT NULL,
    "ours" TEXT NOT NULL,
    "theirs" TEXT NOT NULL,
    "noticed_at" TIMESTAMPTZ(6) NOT NULL,
    "resolved_at" TIMESTAMPTZ(6),

    CONSTRAINT "broker_discrepancies_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "corporate_actions" (
    "id" UUID NOT NULL,
    "instrument_id" UUID NOT NULL,
    "kind" "corporate_action_kind" NOT NULL,
    "ratio_from" DECIMAL(38,18),
    "ratio_to" DECIMAL(38,18),
    "amount" DECIMAL(38,18),
    "effective_at" TIMESTAMPTZ(6) NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "corporate_actions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "corporate_action_effects" (
    "action_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "quantity_before" DECIMAL(38,18) NOT NULL,
    "quantity_after" DECIMAL(38,18) NOT NULL,
    "cash" DECIMAL(38,18) NOT NULL,
    "applied_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "corporate_action_effects_pkey" PRIMARY KEY ("action_id","account_id")
);

-- CreateIndex
CREATE INDEX "disconnect_switches_expires_at_idx" ON "disconnect_switches"("expires_at");

-- CreateIndex
CREATE INDEX "disconnect_switches_account_id_idx" ON "disconnect_switches"("account_id");

-- CreateIndex
CREATE INDEX "broker_connections_owner_id_idx" ON "broker_connections"("owner_id");

-- CreateIndex
CREATE INDEX "broker_discrepancies_account_id_noticed_at_id_idx" ON "broker_discrepancies"("account_id", "noticed_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "corporate_actions_instrument_id_effective_at_idx" ON "corporate_actions"("instrument_id", "effective_at");

-- CreateIndex
CREATE INDEX "corporate_action_effects_account_id_idx" ON "corporate_action_effects"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "orders_account_id_broker_order_id_key" ON "orders"("account_id", "broker_order_id");

-- CreateIndex
CREATE UNIQUE INDEX "trades_account_id_broker_trade_id_key" ON "trades"("account_id", "broker_trade_id");

-- AddForeignKey
ALTER TABLE "broker_connections" ADD CONSTRAINT "broker_connections_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "corporate_action_effects" ADD CONSTRAINT "corporate_action_effects_action_id_fkey" FOREIGN KEY ("action_id") REFERENCES "corporate_actions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---- checks: 'NaN' and 'Infinity' are greater than every number, so an upper bound refuses them --
-- Values of an enum cannot be named in the transaction that adds them, but their texts can.

ALTER TABLE instruments ADD CONSTRAINT instruments_fees CHECK (
  fee_per_unit >= 0 AND fee_per_unit < 'Infinity' AND fee_minimum >= 0 AND fee_minimum < 'Infinity');
ALTER TABLE accounts ADD CONSTRAINT accounts_fill_models CHECK (
  slippage_bps >= 0 AND slippage_bps < 10000 AND latency_ms >= 0 AND latency_ms <= 60000);

ALTER TABLE orders DROP CONSTRAINT orders_prices;
ALTER TABLE orders ADD CONSTRAINT orders_prices CHECK (
  (limit_price IS NOT NULL) = (type::text IN ('LIMIT', 'STOP_LIMIT'))
  AND (stop_price IS NOT NULL OR type::text NOT IN ('STOP', 'STOP_LIMIT'))
  AND (stop_price IS NULL OR type::text IN ('STOP', 'STOP_LIMIT', 'TRAILING_STOP'))
  AND (limit_price IS NULL OR (limit_price > 0 AND limit_price < 'Infinity'))
  AND (stop_price IS NULL OR (stop_price > 0 AND stop_price < 'Infinity')));
ALTER TABLE orders ADD CONSTRAINT orders_trail CHECK (
  num_nonnulls(trail_amount, trail_percent) = CASE WHEN type::text = 'TRAILING_STOP' THEN 1 ELSE 0 END
  AND (trail_amount IS NULL OR (trail_amount > 0 AND trail_amount < 'Infinity'))
  AND (trail_percent IS NULL OR (trail_percent > 0 AND trail_percent < 100)));
ALTER TABLE orders ADD CONSTRAINT orders_notional CHECK (
  notional IS NULL OR (type = 'MARKET' AND notional > 0 AND notional < 'Infinity'));
ALTER TABLE orders ADD CONSTRAINT orders_group CHECK (
  (order_class = 'SIMPLE') = (group_id IS NULL) AND (leg IS NULL) = (group_id IS NULL));
CREATE INDEX orders_group_id ON orders (group_id) WHERE group_id IS NOT NULL;

ALTER TABLE trades ADD CONSTRAINT trades_slippage CHECK (
  slippage IS NULL OR (slippage > '-Infinity' AND slippage < 'Infinity'));

ALTER TABLE risk_limits ADD CONSTRAINT risk_limits_scope CHECK (
  (scope = 'DEPLOYMENT') = (owner_id IS NULL) AND (scope = 'ACCOUNT') = (account_id IS NOT NULL));
ALTER TABLE risk_limits ADD CONSTRAINT risk_limits_numbers CHECK (
  (max_order_value IS NULL OR (max_order_value > 0 AND max_order_value < 'Infinity'))
  AND (max_position_share IS NULL OR (max_position_share > 0 AND max_position_share <= 1))
  AND (price_collar IS NULL OR (price_collar > 0 AND price_collar <= 100))
  AND (max_instrument_price IS NULL OR (max_instrument_price > 0 AND max_instrument_price < 'Infinity'))
  AND (orders_per_minute IS NULL OR orders_per_minute > 0)
  AND (daily_loss_limit IS NULL OR (daily_loss_limit > 0 AND daily_loss_limit < 'Infinity')));
CREATE UNIQUE INDEX risk_limits_one ON risk_limits (scope, owner_id, account_id) NULLS NOT DISTINCT;
ALTER TABLE kill_switches ADD CONSTRAINT kill_switches_scope CHECK (
  (scope = 'DEPLOYMENT') = (owner_id IS NULL) AND (scope = 'ACCOUNT') = (account_id IS NOT NULL));
CREATE UNIQUE INDEX kill_switches_one ON kill_switches (scope, owner_id, account_id) NULLS NOT DISTINCT;

ALTER TABLE broker_connections ADD CONSTRAINT broker_connections_exchange CHECK (
  (broker = 'CCXT') = (exchange IS NOT NULL));
-- What is open about one thing is told once.
CREATE UNIQUE INDEX broker_discrepancies_open ON broker_discrepancies (account_id, kind, subject)
  WHERE resolved_at IS NULL;
ALTER TABLE corporate_actions ADD CONSTRAINT corporate_actions_numbers CHECK (
  (kind = 'SPLIT') = (ratio_from IS NOT NULL) AND (kind = 'SPLIT') = (ratio_to IS NOT NULL)
  AND (kind = 'DIVIDEND') = (amount IS NOT NULL)
  AND (ratio_from IS NULL OR (ratio_from > 0 AND ratio_from < 'Infinity'))
  AND (ratio_to IS NULL OR (ratio_to > 0 AND ratio_to < 'Infinity'))
  AND (amount IS NULL OR (amount > 0 AND amount < 'Infinity')));

-- ---- references that the schema does not draw -------------------------------------------------
-- With the owner, so that nobody ties a limit, a switch or a broker to the account of somebody else.

CREATE UNIQUE INDEX accounts_of_owners ON accounts (id, owner_id);
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['risk_limits', 'kill_switches', 'disconnect_switches', 'broker_connections',
    'broker_discrepancies', 'corporate_action_effects'] LOOP
    EXECUTE format('ALTER TABLE %I ADD FOREIGN KEY (account_id, owner_id) REFERENCES accounts (id, owner_id)
      ON DELETE RESTRICT', name);
  END LOOP;
END $$;
ALTER TABLE risk_limits ADD FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE RESTRICT;
ALTER TABLE kill_switches ADD FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE RESTRICT;
ALTER TABLE corporate_actions ADD FOREIGN KEY (instrument_id) REFERENCES instruments (id) ON DELETE RESTRICT;

-- ---- grants -----------------------------------------------------------------------------------

GRANT INSERT (allows_short, slippage_model, slippage_bps, fee_model, liquidity_model, latency_ms) ON accounts
  TO tradegraph_server, tradegraph_worker;
GRANT UPDATE (allows_short, slippage_model, slippage_bps, fee_model, liquidity_model, latency_ms) ON accounts
  TO tradegraph_server, tradegraph_worker;
GRANT SELECT ON risk_limits, kill_switches, disconnect_switches, broker_connections, broker_discrepancies,
  corporate_actions, corporate_action_effects TO tradegraph_server, tradegraph_worker;
GRANT INSERT, UPDATE ON risk_limits, kill_switches TO tradegraph_server, tradegraph_worker;
GRANT DELETE ON risk_limits TO tradegraph_server;
GRANT INSERT, UPDATE, DELETE ON disconnect_switches TO tradegraph_server, tradegraph_worker;
GRANT INSERT, DELETE ON broker_connections TO tradegraph_server;
GRANT UPDATE (credential_id, is_live_enabled) ON broker_connections TO tradegraph_server;
GRANT UPDATE (news_cursor, reconciled_at) ON broker_connections TO tradegraph_worker;
GRANT INSERT, UPDATE ON broker_discrepancies TO tradegraph_worker;
GRANT INSERT ON corporate_actions TO tradegraph_server, tradegraph_worker;
GRANT INSERT ON corporate_action_effects TO tradegraph_worker;

-- ---- row-level security -----------------------------------------------------------------------

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['risk_limits', 'kill_switches', 'disconnect_switches', 'broker_connections',
    'broker_discrepancies', 'corporate_action_effects'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY worker_all ON %I TO tradegraph_worker USING (true) WITH CHECK (true)', name);
  END LOOP;
  -- One's own rows to read; administrators read all.
  FOREACH name IN ARRAY ARRAY['disconnect_switches', 'broker_connections', 'broker_discrepancies',
    'corporate_action_effects'] LOOP
    EXECUTE format('CREATE POLICY owner_reads ON %I FOR SELECT TO tradegraph_server
      USING (owner_id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()))', name);
    EXECUTE format('CREATE POLICY test_keys ON %I AS RESTRICTIVE TO tradegraph_server
      USING (NOT (SELECT viewer_has_test_key()) OR account_id IN (SELECT a.id FROM test_key_accounts() AS a (id)))', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['disconnect_switches', 'broker_connections'] LOOP
    EXECUTE format('CREATE POLICY owner_inserts ON %I FOR INSERT TO tradegraph_server
      WITH CHECK (owner_id = (SELECT viewer_id()))', name);
    EXECUTE format('CREATE POLICY owner_updates ON %I FOR UPDATE TO tradegraph_server
      USING (owner_id = (SELECT viewer_id())) WITH CHECK (owner_id = (SELECT viewer_id()))', name);
    EXECUTE format('CREATE POLICY owner_deletes ON %I FOR DELETE TO tradegraph_server
      USING (owner_id = (SELECT viewer_id()))', name);
  END LOOP;
  -- The gate reads what holds for everybody and for its viewer; administrators change all of it.
  FOREACH name IN ARRAY ARRAY['risk_limits', 'kill_switches'] LOOP
    EXECUTE format('CREATE POLICY who_it_holds_for_reads ON %I FOR SELECT TO tradegraph_server
      USING (owner_id IS NULL OR owner_id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()))', name);
    EXECUTE format('CREATE POLICY owner_or_admin_inserts ON %I FOR INSERT TO tradegraph_server
      WITH CHECK (owner_id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()))', name);
    EXECUTE format('CREATE POLICY owner_or_admin_updates ON %I FOR UPDATE TO tradegraph_server
      USING (owner_id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()))
      WITH CHECK (owner_id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()))', name);
  END LOOP;
END $$;
CREATE POLICY owner_or_admin_deletes ON risk_limits FOR DELETE TO tradegraph_server
  USING (owner_id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()));
-- What an administrator stopped, only an administrator starts again: no change of mind of the owner's gets past it.
CREATE POLICY administrators_stop ON kill_switches AS RESTRICTIVE FOR UPDATE TO tradegraph_server
  USING (NOT (is_on AND is_by_administrator) OR (SELECT viewer_is_admin()))
  WITH CHECK (NOT is_by_administrator OR (SELECT viewer_is_admin()));
-- Splits and dividends are everyone's to see, and administrators' to announce: the service asks for the right.
