-- Webhooks: readers of the event log that send what they read to a URL of their owner's
-- (docs/decisions/2026-11-22-outgoing-webhooks.md).

-- CreateEnum
CREATE TYPE "webhook_state" AS ENUM ('ACTIVE', 'RETRYING', 'PAUSED', 'DISABLED');

-- CreateTable
CREATE TABLE "webhooks" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "types" TEXT[],
    "state" "webhook_state" NOT NULL,
    "cursor" BIGINT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "next_attempt_at" TIMESTAMPTZ(6),
    "last_delivered_at" TIMESTAMPTZ(6),
    "last_failed_at" TIMESTAMPTZ(6),
    "last_failure_code" TEXT,
    "last_failure" TEXT,
    "epoch" INTEGER NOT NULL,
    "leased_until" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "webhooks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_secrets" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "webhook_id" UUID NOT NULL,
    "key_id" TEXT NOT NULL,
    "sealed_value" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "expires_at" TIMESTAMPTZ(6),

    CONSTRAINT "webhook_secrets_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "webhooks_owner_id_created_at_id_idx" ON "webhooks"("owner_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "webhook_secrets_webhook_id_idx" ON "webhook_secrets"("webhook_id");

-- CreateIndex
CREATE INDEX "webhook_secrets_owner_id_idx" ON "webhook_secrets"("owner_id");

-- ---- what a row may be ------------------------------------------------------------------------

ALTER TABLE webhooks ADD CONSTRAINT webhooks_sound CHECK (
  length(url) BETWEEN 1 AND 2000 AND cardinality(types) <= 50 AND cursor >= 0 AND attempt >= 0
  AND (state = 'RETRYING') <= (attempt > 0 AND next_attempt_at IS NOT NULL)
  AND (last_failure_code IS NULL) = (last_failure IS NULL));
-- A nonce of 12 bytes and a tag of 16 stand around whatever is sealed.
ALTER TABLE webhook_secrets ADD CONSTRAINT webhook_secrets_sealed CHECK (length(sealed_value) >= 28);
CREATE UNIQUE INDEX webhook_secrets_newest ON webhook_secrets (webhook_id) WHERE expires_at IS NULL;

-- Workers look each second for those with something to do. No column that changes with each delivery is in it.
CREATE INDEX webhooks_awake ON webhooks (owner_id) WHERE state IN ('ACTIVE', 'RETRYING');
ALTER TABLE webhooks SET (fillfactor = 70);

-- ---- references that the schema does not draw -------------------------------------------------

ALTER TABLE webhooks ADD FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE RESTRICT ON UPDATE CASCADE;
-- With the owner, so that nobody gives the webhook of somebody else a secret.
CREATE UNIQUE INDEX webhooks_of_owners ON webhooks (id, owner_id);
ALTER TABLE webhook_secrets ADD FOREIGN KEY (webhook_id, owner_id) REFERENCES webhooks (id, owner_id)
  ON DELETE CASCADE;

-- ---- grants -----------------------------------------------------------------------------------

GRANT SELECT, INSERT, DELETE ON webhooks TO tradegraph_server;
GRANT UPDATE (url, types, state, cursor, attempt, next_attempt_at, epoch, leased_until, updated_at) ON webhooks
  TO tradegraph_server;
-- The server writes secrets and never reads one back.
GRANT SELECT (id, owner_id, webhook_id, key_id, created_at, expires_at) ON webhook_secrets TO tradegraph_server;
GRANT INSERT, DELETE, UPDATE (expires_at) ON webhook_secrets TO tradegraph_server;
GRANT SELECT ON webhooks, webhook_secrets TO tradegraph_worker;
GRANT UPDATE (state, cursor, attempt, next_attempt_at, last_delivered_at, last_failed_at, last_failure_code,
  last_failure, epoch, leased_until) ON webhooks TO tradegraph_worker;
GRANT DELETE, UPDATE (key_id, sealed_value) ON webhook_secrets TO tradegraph_worker;

-- ---- row-level security -----------------------------------------------------------------------

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['webhooks', 'webhook_secrets'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY worker_all ON %I TO tradegraph_worker USING (true) WITH CHECK (true)', name);
    -- Their owner's alone: a URL may hold a secret of its receiver.
    EXECUTE format('CREATE POLICY owner_all ON %I TO tradegraph_server
      USING (owner_id = (SELECT viewer_id())) WITH CHECK (owner_id = (SELECT viewer_id()))', name);
    EXECUTE format('CREATE POLICY test_keys ON %I AS RESTRICTIVE TO tradegraph_server
      USING (NOT (SELECT viewer_has_test_key()))', name);
    EXECUTE format('CREATE TRIGGER refuse_deleted_owner AFTER INSERT ON %I
      FOR EACH ROW EXECUTE FUNCTION refuse_deleted_owner()', name);
  END LOOP;
END $$;

-- ---- somebody who is deleted ------------------------------------------------------------------

GRANT SELECT (owner_id), DELETE ON webhooks TO tradegraph_eraser;
CREATE POLICY eraser ON webhooks TO tradegraph_eraser USING (true) WITH CHECK (true);
DO $$
DECLARE
  v_line text := E'\n  DELETE FROM credentials WHERE owner_id = p_user_id;';
  v_before text := pg_get_functiondef('erase_user(uuid, timestamptz)'::regprocedure);
  v_after text := replace(v_before, v_line, v_line || E'\n  DELETE FROM webhooks WHERE owner_id = p_user_id;');
BEGIN
  IF length(v_after) <> length(v_before) + length(E'\n  DELETE FROM webhooks WHERE owner_id = p_user_id;') THEN
    RAISE EXCEPTION 'erase_user is not what it was';
  END IF;
  EXECUTE v_after;
END $$;
