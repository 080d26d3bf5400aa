-- History that one can look at: the past of positions, what accounts were worth, and the rows that imports came from.

-- CreateEnum
CREATE TYPE "imported_action" AS ENUM ('NONE', 'NO_TRADE', 'BUY', 'SELL');

-- CreateEnum
CREATE TYPE "trade_flag" AS ENUM ('PRICE_OUTSIDE_BAR', 'NO_BAR', 'OUT_OF_ORDER', 'STATED_PRICE_DIFFERS');

-- AlterEnum
ALTER TYPE "asset_class" ADD VALUE 'INDEX';

-- AlterEnum
ALTER TYPE "trade_source" ADD VALUE 'CORRECTION';

-- AlterTable
ALTER TABLE "news_articles" ADD COLUMN     "mentions" JSONB NOT NULL DEFAULT '[]';

-- AlterTable: trades that are there get the sums of what was traded before them.
ALTER TABLE "trades" ADD COLUMN     "flags" "trade_flag"[] DEFAULT ARRAY[]::"trade_flag"[],
ADD COLUMN     "position_cost" DECIMAL(38,18) NOT NULL DEFAULT 0,
ADD COLUMN     "position_quantity" DECIMAL(38,18) NOT NULL DEFAULT 0,
ADD COLUMN     "position_realized" DECIMAL(38,18) NOT NULL DEFAULT 0;

-- A change of cash is the change of cost with the other sign, plus what was realized (portfolio/position.ts); so the
-- cost after a trade is the sum of what was realized less cash, over the instrument's trades so far. What a position
-- realized begins again when it is opened: with a trade that meets nothing, or crosses zero.
ALTER TABLE trades DISABLE TRIGGER append_only;
ALTER TABLE trades NO FORCE ROW LEVEL SECURITY;
WITH signed AS (
  SELECT id, account_id, instrument_id, executed_at, realized_gross, cash_amount,
    CASE side WHEN 'BUY' THEN quantity ELSE -quantity END AS change
  FROM trades
), summed AS (
  SELECT *, sum(change) OVER earlier AS quantity_after,
    sum(realized_gross - cash_amount) OVER earlier AS cost_after
  FROM signed
  WINDOW earlier AS (PARTITION BY account_id, instrument_id ORDER BY executed_at, id)
), opened AS (
  SELECT *, quantity_after <> 0
    AND sign(quantity_after) IS DISTINCT FROM sign(quantity_after - change) AS opens
  FROM summed
), numbered AS (
  SELECT *, count(*) FILTER (WHERE opens) OVER (
    PARTITION BY account_id, instrument_id ORDER BY executed_at, id) AS position
  FROM opened
), states AS (
  SELECT id, quantity_after, cost_after,
    sum(CASE WHEN opens THEN 0 ELSE realized_gross END) OVER (
      PARTITION BY account_id, instrument_id, position ORDER BY executed_at, id) AS realized_after
  FROM numbered
)
UPDATE trades t SET position_quantity = s.quantity_after, position_cost = s.cost_after,
  position_realized = s.realized_after
FROM states s WHERE s.id = t.id;
ALTER TABLE trades FORCE ROW LEVEL SECURITY;
ALTER TABLE trades ENABLE TRIGGER append_only;
ALTER TABLE trades ALTER COLUMN position_cost DROP DEFAULT, ALTER COLUMN position_quantity DROP DEFAULT,
  ALTER COLUMN position_realized DROP DEFAULT;
ALTER TABLE trades ADD CONSTRAINT trades_position CHECK (
  position_quantity > '-Infinity' AND position_quantity < 'Infinity'
  AND position_cost > '-Infinity' AND position_cost < 'Infinity'
  AND position_realized > '-Infinity' AND position_realized < 'Infinity');

-- CreateTable
CREATE TABLE "equity_points" (
    "account_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "owner_id" UUID NOT NULL,
    "cash" DECIMAL(38,18) NOT NULL,
    "cost" DECIMAL(38,18) NOT NULL,
    "equity" DECIMAL(38,18) NOT NULL,
    "oldest_mark_at" TIMESTAMPTZ(6),

    CONSTRAINT "equity_points_pkey" PRIMARY KEY ("account_id","at")
);
ALTER TABLE equity_points ADD CONSTRAINT equity_points_numbers CHECK (
  cash > '-Infinity' AND cash < 'Infinity' AND cost > '-Infinity' AND cost < 'Infinity'
  AND equity > '-Infinity' AND equity < 'Infinity');

-- CreateTable
CREATE TABLE "imported_rows" (
    "account_id" UUID NOT NULL,
    "line" INTEGER NOT NULL,
    "owner_id" UUID NOT NULL,
    "row_id" TEXT,
    "date" TEXT NOT NULL,
    "action" "imported_action" NOT NULL,
    "symbol" TEXT,
    "amount" DECIMAL(38,18),
    "stated_price" DECIMAL(38,18),
    "cash" TEXT NOT NULL,

    CONSTRAINT "imported_rows_pkey" PRIMARY KEY ("account_id","line")
);

-- CreateIndex
CREATE INDEX "news_articles_known_at_id_idx" ON "news_articles"("known_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "trades_account_id_instrument_id_executed_at_id_idx" ON "trades"("account_id", "instrument_id", "executed_at" DESC, "id" DESC);

-- AddForeignKey
ALTER TABLE "equity_points" ADD CONSTRAINT "equity_points_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "imported_rows" ADD CONSTRAINT "imported_rows_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What an account was worth is computed by the worker, again when prices come in late; its owner reads it.
-- The rows of an import are read by operators' commands alone.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON imported_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT ON equity_points TO tradegraph_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON equity_points TO tradegraph_worker;
GRANT SELECT, INSERT ON imported_rows TO tradegraph_worker;
GRANT SELECT ON equity_points TO tradegraph_boards;
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['equity_points', 'imported_rows'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY worker_all ON %I TO tradegraph_worker USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;
CREATE POLICY owner_reads ON equity_points FOR SELECT TO tradegraph_server
  USING (owner_id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()));
CREATE POLICY public_boards ON equity_points FOR SELECT TO tradegraph_boards
  USING (account_id IN (SELECT a.id FROM accounts a));
