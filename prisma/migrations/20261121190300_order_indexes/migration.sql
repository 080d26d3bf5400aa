-- Lists of orders and trades are asked for by status and by instrument, and are as fast with a million rows as with ten.
-- Each index is led by the owner, whom every list names besides the account.

-- Prisma sends a status as text that it casts. By itself PostgreSQL reads such a text anew at each execution, since a
-- label may be renamed, and then does not see that a partial index fits. No migration renames a status.
CREATE FUNCTION order_status_of(label text) RETURNS order_status
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN label::varchar::order_status;
GRANT EXECUTE ON FUNCTION order_status_of(text) TO tradegraph_server, tradegraph_worker;
CREATE CAST (text AS order_status) WITH FUNCTION order_status_of(text);

-- Most orders are filled and are found by their time alone. An order is in one of these at most. Behind row-level
-- security no index can be searched for an enum, but what one leaves out need not be searched.
CREATE INDEX orders_working_page ON orders (owner_id, created_at DESC, id DESC)
  WHERE status IN ('PENDING', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED', 'CANCEL_PENDING', 'UNKNOWN');
CREATE INDEX orders_refused_page ON orders (owner_id, created_at DESC, id DESC)
  WHERE status IN ('DENIED', 'REJECTED');
CREATE INDEX orders_ended_page ON orders (owner_id, created_at DESC, id DESC)
  WHERE status IN ('CANCELED', 'EXPIRED', 'REPLACED');

CREATE INDEX "orders_owner_id_instrument_id_created_at_id_idx" ON "orders"("owner_id", "instrument_id", "created_at" DESC, "id" DESC);
CREATE INDEX "trades_owner_id_instrument_id_executed_at_id_idx" ON "trades"("owner_id", "instrument_id", "executed_at" DESC, "id" DESC);

-- Few orders and trades have these names: the others cost no entry.
DROP INDEX "orders_account_id_broker_order_id_key";
DROP INDEX "trades_account_id_broker_trade_id_key";
DROP INDEX "trades_account_id_import_key_key";
CREATE UNIQUE INDEX orders_broker_order_id ON orders (account_id, broker_order_id)
  WHERE broker_order_id IS NOT NULL;
CREATE UNIQUE INDEX trades_broker_trade_id ON trades (account_id, broker_trade_id)
  WHERE broker_trade_id IS NOT NULL;
CREATE UNIQUE INDEX trades_import_key ON trades (account_id, import_key) WHERE import_key IS NOT NULL;
