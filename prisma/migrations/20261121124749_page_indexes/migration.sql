-- A page reads the rows that it shows and no others only where an index has the order of its list: these
-- lists had none (the public models and one's own, the accounts of a model, the fills of an order).

-- DropIndex
DROP INDEX "accounts_model_id_idx";

-- CreateIndex
CREATE INDEX "models_created_at_id_idx" ON "models"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "accounts_model_id_created_at_id_idx" ON "accounts"("model_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "trades_order_id_executed_at_id_idx" ON "trades"("order_id", "executed_at" DESC, "id" DESC);

-- Reads go without bitmaps (database.ts says why). The board reads whole tables, and keeps them.
ALTER FUNCTION leaderboard_equity(timestamptz) SET enable_bitmapscan = on;
