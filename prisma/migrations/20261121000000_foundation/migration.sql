-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "user_role" AS ENUM ('VIEWER', 'USER', 'PREMIUM', 'ADMIN', 'SUPER_ADMIN');

-- CreateEnum
CREATE TYPE "user_status" AS ENUM ('PENDING', 'ACTIVE', 'REJECTED', 'DISABLED');

-- CreateEnum
CREATE TYPE "asset_class" AS ENUM ('STOCK', 'ETF', 'CRYPTO');

-- CreateEnum
CREATE TYPE "market_source" AS ENUM ('SIMULATED', 'IMPORTED');

-- CreateEnum
CREATE TYPE "bar_interval" AS ENUM ('MINUTE_1', 'HOUR_1', 'DAY_1');

-- CreateEnum
CREATE TYPE "model_status" AS ENUM ('IDLE', 'ACTIVE', 'STOPPING', 'STOPPED', 'ARCHIVED');

-- CreateEnum
CREATE TYPE "visibility" AS ENUM ('PRIVATE', 'PUBLIC');

-- CreateEnum
CREATE TYPE "trader_kind" AS ENUM ('MOMENTUM', 'IMPORTED');

-- CreateEnum
CREATE TYPE "agent_log_kind" AS ENUM ('SYSTEM', 'USER', 'ASSISTANT', 'TOOL', 'DECISION');

-- CreateEnum
CREATE TYPE "account_kind" AS ENUM ('PAPER', 'LIVE');

-- CreateEnum
CREATE TYPE "account_status" AS ENUM ('ACTIVE', 'CLOSED');

-- CreateEnum
CREATE TYPE "transfer_cause" AS ENUM ('DEPOSIT', 'WITHDRAWAL', 'FILL', 'FEE', 'CORRECTION');

-- CreateEnum
CREATE TYPE "ledger_account_kind" AS ENUM ('CASH', 'CLEARING', 'FEES', 'EXTERNAL');

-- CreateEnum
CREATE TYPE "order_side" AS ENUM ('BUY', 'SELL');

-- CreateEnum
CREATE TYPE "order_type" AS ENUM ('MARKET');

-- CreateEnum
CREATE TYPE "time_in_force" AS ENUM ('GTC');

-- CreateEnum
CREATE TYPE "order_status" AS ENUM ('PENDING', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'FILLED', 'CANCEL_PENDING', 'CANCELED', 'REPLACED', 'EXPIRED', 'DENIED', 'REJECTED', 'TRIGGERED', 'UNKNOWN');

-- CreateEnum
CREATE TYPE "trade_source" AS ENUM ('PAPER', 'IMPORTED');

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "username" TEXT NOT NULL,
    "username_key" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_key" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "role" "user_role" NOT NULL,
    "status" "user_status" NOT NULL,
    "token_version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "revoked_at" TIMESTAMPTZ(6),
    "address" TEXT,
    "user_agent" TEXT,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "owner_id" UUID NOT NULL,
    "operation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "command_hash" TEXT NOT NULL,
    "outcome" JSONB,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("owner_id","operation","key")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "topic" TEXT NOT NULL,
    "owner_id" UUID,
    "type" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "payload" JSONB NOT NULL,
    "occurred_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_log" (
    "position" BIGINT NOT NULL,
    "recorded_at" TIMESTAMPTZ(6) NOT NULL,
    "topic" TEXT NOT NULL,
    "previous_position" BIGINT NOT NULL,
    "owner_id" UUID,
    "type" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "payload" JSONB NOT NULL,
    "occurred_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "event_log_pkey" PRIMARY KEY ("position","recorded_at")
);

-- CreateTable
CREATE TABLE "event_head" (
    "id" INTEGER NOT NULL,
    "position" BIGINT NOT NULL,

    CONSTRAINT "event_head_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_topics" (
    "topic" TEXT NOT NULL,
    "position" BIGINT NOT NULL,

    CONSTRAINT "event_topics_pkey" PRIMARY KEY ("topic")
);

-- CreateTable
CREATE TABLE "audit_records" (
    "id" UUID NOT NULL,
    "occurred_at" TIMESTAMPTZ(6) NOT NULL,
    "actor_id" UUID,
    "action" TEXT NOT NULL,
    "target_type" TEXT NOT NULL,
    "target_id" TEXT,
    "before" JSONB,
    "after" JSONB,
    "address" TEXT,
    "user_agent" TEXT,
    "request_id" TEXT,

    CONSTRAINT "audit_records_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "currencies" (
    "code" TEXT NOT NULL,
    "minor_unit" INTEGER NOT NULL,

    CONSTRAINT "currencies_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "instruments" (
    "id" UUID NOT NULL,
    "symbol" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "asset_class" "asset_class" NOT NULL,
    "currency" TEXT NOT NULL,
    "zone" TEXT NOT NULL,
    "tick_size" DECIMAL(38,18) NOT NULL,
    "lot_size" DECIMAL(38,18) NOT NULL,
    "is_tradable" BOOLEAN NOT NULL,
    "source" "market_source" NOT NULL,
    "fee_bps" DECIMAL(12,6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "instruments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bars" (
    "instrument_id" UUID NOT NULL,
    "interval" "bar_interval" NOT NULL,
    "open_time" TIMESTAMPTZ(6) NOT NULL,
    "known_at" TIMESTAMPTZ(6) NOT NULL,
    "close_time" TIMESTAMPTZ(6) NOT NULL,
    "open" DECIMAL(38,18) NOT NULL,
    "high" DECIMAL(38,18),
    "low" DECIMAL(38,18),
    "close" DECIMAL(38,18),
    "volume" DECIMAL(38,18),
    "source" "market_source" NOT NULL,

    CONSTRAINT "bars_pkey" PRIMARY KEY ("instrument_id","interval","open_time","known_at")
);

-- CreateTable
CREATE TABLE "news_articles" (
    "id" UUID NOT NULL,
    "known_at" TIMESTAMPTZ(6) NOT NULL,
    "title" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "symbols" TEXT[],
    "sentiment" DECIMAL(12,6),

    CONSTRAINT "news_articles_pkey" PRIMARY KEY ("id","known_at")
);

-- CreateTable
CREATE TABLE "instrument_leases" (
    "instrument_id" UUID NOT NULL,
    "holder" UUID NOT NULL,
    "epoch" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "instrument_leases_pkey" PRIMARY KEY ("instrument_id")
);

-- CreateTable
CREATE TABLE "models" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "trader" "trader_kind" NOT NULL,
    "provider" TEXT NOT NULL,
    "model_name" TEXT NOT NULL,
    "universe" TEXT[],
    "starting_cash" DECIMAL(38,18) NOT NULL,
    "currency" TEXT NOT NULL,
    "interval_seconds" INTEGER NOT NULL,
    "status" "model_status" NOT NULL,
    "visibility" "visibility" NOT NULL,
    "log_visibility" "visibility" NOT NULL,
    "version" INTEGER NOT NULL,
    "import_key" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "models_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model_secrets" (
    "model_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "prompt" TEXT NOT NULL,
    "cost_usd" DECIMAL(38,18) NOT NULL,

    CONSTRAINT "model_secrets_pkey" PRIMARY KEY ("model_id")
);

-- CreateTable
CREATE TABLE "agent_log" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "model_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "date" DATE NOT NULL,
    "occurred_at" TIMESTAMPTZ(6) NOT NULL,
    "kind" "agent_log_kind" NOT NULL,
    "content" TEXT NOT NULL,
    "data" JSONB,

    CONSTRAINT "agent_log_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "accounts" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "model_id" UUID,
    "name" TEXT NOT NULL,
    "kind" "account_kind" NOT NULL,
    "status" "account_status" NOT NULL,
    "currency" TEXT NOT NULL,
    "zone" TEXT NOT NULL,
    "starting_cash" DECIMAL(38,18) NOT NULL,
    "cash" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "reserved" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_transfers" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "cause" "transfer_cause" NOT NULL,
    "cause_id" UUID NOT NULL,
    "currency" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(6) NOT NULL,
    "recorded_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "ledger_transfers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_entries" (
    "transfer_id" UUID NOT NULL,
    "line" INTEGER NOT NULL,
    "owner_id" UUID NOT NULL,
    "ledger_account" "ledger_account_kind" NOT NULL,
    "account_id" UUID,
    "amount" DECIMAL(38,18) NOT NULL,
    "occurred_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "ledger_entries_pkey" PRIMARY KEY ("transfer_id","line")
);

-- CreateTable
CREATE TABLE "positions" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "instrument_id" UUID NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "total_cost" DECIMAL(38,18) NOT NULL,
    "realized_pnl" DECIMAL(38,18) NOT NULL,
    "opened_at" TIMESTAMPTZ(6) NOT NULL,
    "closed_at" TIMESTAMPTZ(6),
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "positions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "orders" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "instrument_id" UUID NOT NULL,
    "client_order_id" TEXT NOT NULL,
    "side" "order_side" NOT NULL,
    "type" "order_type" NOT NULL,
    "time_in_force" "time_in_force" NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "status" "order_status" NOT NULL,
    "filled_quantity" DECIMAL(38,18) NOT NULL,
    "filled_notional" DECIMAL(38,18) NOT NULL,
    "reserved" DECIMAL(38,18) NOT NULL,
    "reason_code" TEXT,
    "reason" TEXT,
    "run_id" UUID,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_events" (
    "order_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "owner_id" UUID NOT NULL,
    "from_status" "order_status",
    "to_status" "order_status" NOT NULL,
    "reason_code" TEXT,
    "occurred_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "order_events_pkey" PRIMARY KEY ("order_id","sequence")
);

-- CreateTable
CREATE TABLE "trades" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "instrument_id" UUID NOT NULL,
    "order_id" UUID,
    "fill_sequence" INTEGER,
    "import_key" TEXT,
    "source" "trade_source" NOT NULL,
    "side" "order_side" NOT NULL,
    "quantity" DECIMAL(38,18) NOT NULL,
    "price" DECIMAL(38,18) NOT NULL,
    "fee" DECIMAL(38,18) NOT NULL,
    "cash_amount" DECIMAL(38,18) NOT NULL,
    "realized_gross" DECIMAL(38,18) NOT NULL,
    "quote_bid" DECIMAL(38,18),
    "quote_ask" DECIMAL(38,18),
    "quote_time" TIMESTAMPTZ(6),
    "executed_at" TIMESTAMPTZ(6) NOT NULL,
    "recorded_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "trades_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_username_key_key" ON "users"("username_key");

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key_key" ON "users"("email_key");

-- CreateIndex
CREATE INDEX "users_created_at_id_idx" ON "users"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "sessions_owner_id_created_at_idx" ON "sessions"("owner_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE INDEX "event_log_topic_position_idx" ON "event_log"("topic", "position");

-- CreateIndex
CREATE INDEX "event_log_owner_id_position_idx" ON "event_log"("owner_id", "position");

-- CreateIndex
CREATE INDEX "audit_records_occurred_at_id_idx" ON "audit_records"("occurred_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "audit_records_actor_id_occurred_at_idx" ON "audit_records"("actor_id", "occurred_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "instruments_symbol_key" ON "instruments"("symbol");

-- CreateIndex
CREATE INDEX "models_owner_id_created_at_id_idx" ON "models"("owner_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "models_visibility_created_at_id_idx" ON "models"("visibility", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "models_owner_id_import_key_key" ON "models"("owner_id", "import_key");

-- CreateIndex
CREATE INDEX "agent_log_model_id_date_occurred_at_id_idx" ON "agent_log"("model_id", "date", "occurred_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "agent_log_model_id_occurred_at_id_idx" ON "agent_log"("model_id", "occurred_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "agent_log_run_id_sequence_key" ON "agent_log"("run_id", "sequence");

-- CreateIndex
CREATE INDEX "accounts_owner_id_created_at_id_idx" ON "accounts"("owner_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "accounts_model_id_idx" ON "accounts"("model_id");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_transfers_cause_cause_id_key" ON "ledger_transfers"("cause", "cause_id");

-- CreateIndex
CREATE INDEX "ledger_entries_account_id_occurred_at_idx" ON "ledger_entries"("account_id", "occurred_at");

-- CreateIndex
CREATE INDEX "positions_account_id_opened_at_id_idx" ON "positions"("account_id", "opened_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "positions_owner_id_opened_at_id_idx" ON "positions"("owner_id", "opened_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "orders_account_id_created_at_id_idx" ON "orders"("account_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "orders_owner_id_created_at_id_idx" ON "orders"("owner_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "orders_account_id_client_order_id_key" ON "orders"("account_id", "client_order_id");

-- CreateIndex
CREATE INDEX "trades_account_id_executed_at_id_idx" ON "trades"("account_id", "executed_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "trades_owner_id_executed_at_id_idx" ON "trades"("owner_id", "executed_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "trades_order_id_fill_sequence_key" ON "trades"("order_id", "fill_sequence");

-- CreateIndex
CREATE UNIQUE INDEX "trades_account_id_import_key_key" ON "trades"("account_id", "import_key");

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bars" ADD CONSTRAINT "bars_instrument_id_fkey" FOREIGN KEY ("instrument_id") REFERENCES "instruments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "instrument_leases" ADD CONSTRAINT "instrument_leases_instrument_id_fkey" FOREIGN KEY ("instrument_id") REFERENCES "instruments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "models" ADD CONSTRAINT "models_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_secrets" ADD CONSTRAINT "model_secrets_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_log" ADD CONSTRAINT "agent_log_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "models"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_transfer_id_fkey" FOREIGN KEY ("transfer_id") REFERENCES "ledger_transfers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "positions" ADD CONSTRAINT "positions_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "positions" ADD CONSTRAINT "positions_instrument_id_fkey" FOREIGN KEY ("instrument_id") REFERENCES "instruments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_instrument_id_fkey" FOREIGN KEY ("instrument_id") REFERENCES "instruments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_events" ADD CONSTRAINT "order_events_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trades" ADD CONSTRAINT "trades_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trades" ADD CONSTRAINT "trades_instrument_id_fkey" FOREIGN KEY ("instrument_id") REFERENCES "instruments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- =============================================================================================
-- Below this line: written by hand. Reference data, checks, append-only tables, roles, functions,
-- grants and row-level security.
-- =============================================================================================

INSERT INTO currencies (code, minor_unit) VALUES ('USD', 2), ('CNY', 2), ('EUR', 2), ('USDT', 6);
ALTER TABLE instruments ADD CONSTRAINT instruments_currency_fkey
  FOREIGN KEY (currency) REFERENCES currencies (code);
ALTER TABLE accounts ADD CONSTRAINT accounts_currency_fkey
  FOREIGN KEY (currency) REFERENCES currencies (code);
ALTER TABLE ledger_transfers ADD CONSTRAINT ledger_transfers_currency_fkey
  FOREIGN KEY (currency) REFERENCES currencies (code);
INSERT INTO event_head (id, position) VALUES (1, 0);

-- ---- checks: 'NaN' and 'Infinity' are greater than every number, so an upper bound refuses them --

ALTER TABLE instruments ADD CONSTRAINT instruments_numbers CHECK (
  tick_size > 0 AND tick_size < 'Infinity' AND lot_size > 0 AND lot_size < 'Infinity'
  AND fee_bps >= 0 AND fee_bps < 10000);
ALTER TABLE bars ADD CONSTRAINT bars_numbers CHECK (
  open > 0 AND open < 'Infinity'
  AND (num_nulls(high, low, close, volume) IN (0, 4))
  AND (close IS NULL OR (low > 0 AND low <= least(open, close) AND high >= greatest(open, close)
       AND high < 'Infinity' AND volume >= 0 AND volume < 'Infinity'))
  AND open_time < close_time AND known_at >= open_time);
ALTER TABLE models ADD CONSTRAINT models_numbers CHECK (
  starting_cash > 0 AND starting_cash < 'Infinity' AND interval_seconds >= 1);
ALTER TABLE model_secrets ADD CONSTRAINT model_secrets_numbers CHECK (
  cost_usd >= 0 AND cost_usd < 'Infinity');
ALTER TABLE accounts ADD CONSTRAINT accounts_numbers CHECK (
  starting_cash >= 0 AND starting_cash < 'Infinity'
  AND cash > '-Infinity' AND cash < 'Infinity' AND reserved >= 0 AND reserved < 'Infinity');
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_amount CHECK (
  amount > '-Infinity' AND amount < 'Infinity' AND amount <> 0);
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_account CHECK (
  (ledger_account = 'CASH') = (account_id IS NOT NULL));
ALTER TABLE positions ADD CONSTRAINT positions_numbers CHECK (
  quantity > '-Infinity' AND quantity < 'Infinity'
  AND total_cost > '-Infinity' AND total_cost < 'Infinity'
  AND realized_pnl > '-Infinity' AND realized_pnl < 'Infinity'
  AND (closed_at IS NULL) = (quantity <> 0) AND (quantity <> 0 OR total_cost = 0)
  AND sign(quantity) * sign(total_cost) >= 0);
CREATE UNIQUE INDEX positions_one_open ON positions (account_id, instrument_id)
  WHERE closed_at IS NULL;
ALTER TABLE orders ADD CONSTRAINT orders_numbers CHECK (
  quantity > 0 AND quantity < 'Infinity'
  AND filled_quantity >= 0 AND filled_quantity <= quantity
  AND filled_notional >= 0 AND filled_notional < 'Infinity'
  AND reserved >= 0 AND reserved < 'Infinity');
-- The engine loads these at start.
CREATE INDEX orders_working ON orders (instrument_id, created_at)
  WHERE status IN ('PENDING', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED', 'CANCEL_PENDING', 'UNKNOWN');
ALTER TABLE trades ADD CONSTRAINT trades_numbers CHECK (
  quantity > 0 AND quantity < 'Infinity' AND price > 0 AND price < 'Infinity'
  AND fee >= 0 AND fee < 'Infinity'
  AND cash_amount > '-Infinity' AND cash_amount < 'Infinity'
  AND realized_gross > '-Infinity' AND realized_gross < 'Infinity'
  AND (order_id IS NULL) = (fill_sequence IS NULL));

-- ---- append-only tables ---------------------------------------------------------------------

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation';
END $$;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['audit_records', 'ledger_transfers', 'ledger_entries', 'order_events',
                              'trades', 'bars', 'news_articles'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
  END LOOP;
END $$;

-- ---- roles ----------------------------------------------------------------------------------
-- server and worker log in (their passwords are set outside the migration); the others only own functions.
-- None owns a table. Roles belong to the whole cluster, so another database may have made them already.

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tradegraph_server', 'tradegraph_worker', 'tradegraph_ledger',
                              'tradegraph_gatekeeper', 'tradegraph_boards'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END LOOP;
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tradegraph_server, tradegraph_worker, tradegraph_ledger,
  tradegraph_gatekeeper, tradegraph_boards;

-- ---- who looks ------------------------------------------------------------------------------
-- Each transaction of a request sets app.user_id and app.role for itself alone.

CREATE FUNCTION viewer_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;
CREATE FUNCTION viewer_is_admin() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT coalesce(current_setting('app.role', true), '') IN ('ADMIN', 'SUPER_ADMIN') $$;

-- ---- the ledger -----------------------------------------------------------------------------

-- Books one transfer and changes the cash of the accounts in it. The only way money moves: nobody else may
-- INSERT an entry or UPDATE accounts.cash. `p_entries`: [{"ledgerAccount", "accountId", "amount"}], amounts as
-- strings. Refuses (check_violation) fewer than two entries, a sum that is not zero, a zero or non-finite amount,
-- more decimals than the currency has; (insufficient_privilege) another owner's account and, from the server's
-- role, any cause that is not one's own deposit or withdrawal on paper.
CREATE FUNCTION post_transfer(
  p_id uuid, p_owner_id uuid, p_cause transfer_cause, p_cause_id uuid, p_currency text,
  p_occurred_at timestamptz, p_recorded_at timestamptz, p_entries jsonb
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_minor_unit int;
  v_bad text;
BEGIN
  IF session_user = 'tradegraph_server' AND
     (viewer_id() IS DISTINCT FROM p_owner_id OR p_cause NOT IN ('DEPOSIT', 'WITHDRAWAL')) THEN
    RAISE EXCEPTION 'the server may not post % for %', p_cause, p_owner_id
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT minor_unit INTO v_minor_unit FROM currencies WHERE code = p_currency;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown currency %', p_currency USING ERRCODE = 'check_violation';
  END IF;

  SELECT CASE
    WHEN jsonb_array_length(p_entries) < 2 THEN 'a transfer needs two entries'
    WHEN bool_or(e.amount IS NULL OR e.amount IN ('NaN', 'Infinity', '-Infinity') OR e.amount = 0)
      THEN 'an amount is missing, zero or not finite'
    WHEN bool_or(e.amount <> round(e.amount, v_minor_unit))
      THEN format('an amount has more than %s decimals', v_minor_unit)
    WHEN sum(e.amount) <> 0 THEN format('the entries sum to %s', sum(e.amount))
  END INTO v_bad
  FROM jsonb_to_recordset(p_entries) AS e("ledgerAccount" text, "accountId" uuid, amount numeric);
  IF v_bad IS NOT NULL THEN
    RAISE EXCEPTION 'unbalanced transfer: %', v_bad USING ERRCODE = 'check_violation';
  END IF;

  -- Rows are locked in the order of their ids, so that two transfers never wait for each other.
  PERFORM 1 FROM accounts
    WHERE id IN (SELECT (e ->> 'accountId')::uuid FROM jsonb_array_elements(p_entries) e)
    ORDER BY id FOR UPDATE;
  SELECT format('account %s is not one of %s in %s', e."accountId", p_owner_id, p_currency) INTO v_bad
    FROM jsonb_to_recordset(p_entries) AS e("accountId" uuid)
    LEFT JOIN accounts a ON a.id = e."accountId"
    WHERE e."accountId" IS NOT NULL AND (a.id IS NULL OR a.owner_id <> p_owner_id
      OR a.currency <> p_currency OR (session_user = 'tradegraph_server' AND a.kind <> 'PAPER'))
    LIMIT 1;
  IF v_bad IS NOT NULL THEN
    RAISE EXCEPTION '%', v_bad USING ERRCODE = 'insufficient_privilege';
  END IF;

  INSERT INTO ledger_transfers (id, owner_id, cause, cause_id, currency, occurred_at, recorded_at)
    VALUES (p_id, p_owner_id, p_cause, p_cause_id, p_currency, p_occurred_at, p_recorded_at);
  INSERT INTO ledger_entries
      (transfer_id, line, owner_id, ledger_account, account_id, amount, occurred_at)
    SELECT p_id, e.ordinality - 1, p_owner_id, (e.value ->> 'ledgerAccount')::ledger_account_kind,
           (e.value ->> 'accountId')::uuid, (e.value ->> 'amount')::numeric, p_occurred_at
    FROM jsonb_array_elements(p_entries) WITH ORDINALITY AS e;
  UPDATE accounts a SET cash = a.cash + moved.amount
    FROM (SELECT (e ->> 'accountId')::uuid AS id, sum((e ->> 'amount')::numeric) AS amount
          FROM jsonb_array_elements(p_entries) e WHERE e ->> 'accountId' IS NOT NULL GROUP BY 1) moved
    WHERE a.id = moved.id;
END $$;

-- ---- log-in ---------------------------------------------------------------------------------
-- Nobody is logged in yet, so row-level security shows no row: these functions answer just what a log-in needs.

-- Makes a person who can log in, or waits for approval. Never an administrator.
CREATE FUNCTION register_user(
  p_id uuid, p_username text, p_email text, p_email_key text, p_password_hash text,
  p_role user_role, p_status user_status, p_now timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF p_role NOT IN ('VIEWER', 'USER') OR p_status NOT IN ('PENDING', 'ACTIVE') THEN
    RAISE EXCEPTION 'sign-up may not make a % who is %', p_role, p_status
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
                     token_version, created_at, updated_at)
    VALUES (p_id, p_username, lower(p_username), p_email, p_email_key, p_password_hash, p_role,
            p_status, 0, p_now, p_now);
END $$;

-- What is needed to check a password; by user name or normalised e-mail. No row when there is no such person.
CREATE FUNCTION find_credentials(p_username_key text, p_email_key text)
RETURNS TABLE (id uuid, password_hash text, role user_role, status user_status, token_version int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id, password_hash, role, status, token_version FROM users
  WHERE username_key = p_username_key OR email_key = p_email_key
  ORDER BY (username_key = p_username_key) DESC LIMIT 1
$$;

-- Who a session belongs to now. No row when there is none.
CREATE FUNCTION find_session(p_session_id uuid)
RETURNS TABLE (user_id uuid, role user_role, status user_status, token_version int,
               expires_at timestamptz, revoked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.id, u.role, u.status, u.token_version, s.expires_at, s.revoked_at
  FROM sessions s JOIN users u ON u.id = s.owner_id WHERE s.id = p_session_id
$$;

-- ---- owners of the functions ----------------------------------------------------------------
-- A function runs with the rights of its owner, so each is owned by a role that can do just that.

DO $$
BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('GRANT tradegraph_ledger, tradegraph_gatekeeper, tradegraph_boards TO %I', current_user);
  END IF;
END $$;
GRANT CREATE ON SCHEMA public TO tradegraph_ledger, tradegraph_gatekeeper;
ALTER FUNCTION post_transfer(uuid, uuid, transfer_cause, uuid, text, timestamptz, timestamptz, jsonb)
  OWNER TO tradegraph_ledger;
ALTER FUNCTION register_user(uuid, text, text, text, text, user_role, user_status, timestamptz)
  OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION find_credentials(text, text) OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION find_session(uuid) OWNER TO tradegraph_gatekeeper;
REVOKE CREATE ON SCHEMA public FROM tradegraph_ledger, tradegraph_gatekeeper;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT EXECUTE ON FUNCTION viewer_id(), viewer_is_admin()
  TO tradegraph_server, tradegraph_worker, tradegraph_ledger, tradegraph_gatekeeper, tradegraph_boards;
GRANT EXECUTE ON FUNCTION post_transfer TO tradegraph_server, tradegraph_worker;
GRANT EXECUTE ON FUNCTION register_user, find_credentials, find_session TO tradegraph_server;

-- ---- grants ---------------------------------------------------------------------------------

GRANT SELECT ON accounts, agent_log, audit_records, bars, currencies, event_head, event_log,
  idempotency_keys, instruments, ledger_entries, ledger_transfers, model_secrets, models,
  news_articles, order_events, orders, positions, sessions, trades TO tradegraph_server;
-- Never the password's hash.
GRANT SELECT (id, username, username_key, email, email_key, role, status, token_version, created_at,
  updated_at) ON users TO tradegraph_server;
GRANT INSERT ON audit_records, idempotency_keys, model_secrets, models, order_events, orders, outbox,
  sessions TO tradegraph_server;
GRANT USAGE ON SEQUENCE outbox_id_seq TO tradegraph_server, tradegraph_worker;
GRANT INSERT (id, owner_id, model_id, name, kind, status, currency, zone, starting_cash, created_at)
  ON accounts TO tradegraph_server, tradegraph_worker;
GRANT UPDATE (name, status, reserved) ON accounts TO tradegraph_server, tradegraph_worker;
GRANT UPDATE ON idempotency_keys, model_secrets, models, orders TO tradegraph_server;
GRANT UPDATE (revoked_at) ON sessions TO tradegraph_server;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO tradegraph_worker;
GRANT INSERT ON agent_log, audit_records, bars, event_log, event_topics, idempotency_keys,
  instrument_leases, instruments, model_secrets, models, news_articles, order_events, orders, outbox,
  positions, sessions, trades, users TO tradegraph_worker;
GRANT UPDATE ON event_head, event_topics, idempotency_keys, instrument_leases, instruments,
  model_secrets, models, orders, positions, sessions, users TO tradegraph_worker;
GRANT DELETE ON idempotency_keys, instrument_leases, outbox TO tradegraph_worker;

GRANT SELECT ON currencies TO tradegraph_ledger;
GRANT SELECT, UPDATE (cash) ON accounts TO tradegraph_ledger;
GRANT SELECT, INSERT ON ledger_transfers, ledger_entries TO tradegraph_ledger;
GRANT SELECT, INSERT ON users TO tradegraph_gatekeeper;
GRANT SELECT ON sessions TO tradegraph_gatekeeper;

-- ---- row-level security ---------------------------------------------------------------------
-- FORCE: the tables' owner is under it as well. The subselects are evaluated once a statement.

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['accounts', 'agent_log', 'audit_records', 'event_log', 'event_topics',
    'idempotency_keys', 'ledger_entries', 'ledger_transfers', 'model_secrets', 'models',
    'order_events', 'orders', 'outbox', 'positions', 'sessions', 'trades', 'users'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY worker_all ON %I TO tradegraph_worker USING (true) WITH CHECK (true)', name);
  END LOOP;
  -- One's own rows to read; administrators read all.
  FOREACH name IN ARRAY ARRAY['accounts', 'ledger_entries', 'ledger_transfers', 'model_secrets',
    'order_events', 'orders', 'positions', 'sessions', 'trades'] LOOP
    EXECUTE format('CREATE POLICY owner_reads ON %I FOR SELECT TO tradegraph_server
      USING (owner_id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()))', name);
  END LOOP;
  -- One's own rows to write.
  FOREACH name IN ARRAY ARRAY['accounts', 'model_secrets', 'models', 'order_events', 'orders', 'sessions'] LOOP
    EXECUTE format('CREATE POLICY owner_inserts ON %I FOR INSERT TO tradegraph_server
      WITH CHECK (owner_id = (SELECT viewer_id()))', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['accounts', 'model_secrets', 'models', 'orders', 'sessions'] LOOP
    EXECUTE format('CREATE POLICY owner_updates ON %I FOR UPDATE TO tradegraph_server
      USING (owner_id = (SELECT viewer_id())) WITH CHECK (owner_id = (SELECT viewer_id()))', name);
  END LOOP;
END $$;

CREATE POLICY self_or_admin_reads ON users FOR SELECT TO tradegraph_server
  USING (id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()));
CREATE POLICY gatekeeper ON users TO tradegraph_gatekeeper USING (true) WITH CHECK (true);
CREATE POLICY gatekeeper ON sessions FOR SELECT TO tradegraph_gatekeeper USING (true);

CREATE POLICY ledger ON accounts TO tradegraph_ledger USING (true) WITH CHECK (true);
CREATE POLICY ledger ON ledger_transfers TO tradegraph_ledger USING (true) WITH CHECK (true);
CREATE POLICY ledger ON ledger_entries TO tradegraph_ledger USING (true) WITH CHECK (true);

CREATE POLICY visible_models ON models FOR SELECT TO tradegraph_server
  USING (visibility = 'PUBLIC' OR owner_id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()));
CREATE POLICY visible_logs ON agent_log FOR SELECT TO tradegraph_server
  USING (owner_id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()) OR EXISTS (
    SELECT 1 FROM models m WHERE m.id = model_id
      AND m.visibility = 'PUBLIC' AND m.log_visibility = 'PUBLIC'));

CREATE POLICY own_keys ON idempotency_keys TO tradegraph_server
  USING (owner_id = (SELECT viewer_id())) WITH CHECK (owner_id = (SELECT viewer_id()));
CREATE POLICY own_events ON outbox FOR INSERT TO tradegraph_server
  WITH CHECK (owner_id = (SELECT viewer_id()));
-- Events without an owner are everyone's.
CREATE POLICY own_and_public_events ON event_log FOR SELECT TO tradegraph_server
  USING (owner_id IS NULL OR owner_id = (SELECT viewer_id()));
CREATE POLICY actor_writes ON audit_records FOR INSERT TO tradegraph_server
  WITH CHECK (actor_id IS NOT DISTINCT FROM (SELECT viewer_id()));
CREATE POLICY admin_reads ON audit_records FOR SELECT TO tradegraph_server
  USING ((SELECT viewer_is_admin()));

-- Everyone's tables hold nobody's data, but only the worker writes them: grants are their wall.
