-- What the vault needs: a key for fingerprints that outlives the keys that seal, the last use of a secret, and less for the
-- role of the server, which writes secrets and never reads one back.

-- AlterTable
ALTER TABLE "credentials" ADD COLUMN     "last_used_at" TIMESTAMPTZ(6);

-- CreateTable
CREATE TABLE "platform_secrets" (
    "name" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "sealed_value" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "platform_secrets_pkey" PRIMARY KEY ("name")
);

-- ---- what a row may be ------------------------------------------------------------------------

-- A nonce of 12 bytes and a tag of 16 stand around whatever is sealed.
ALTER TABLE platform_secrets ADD CONSTRAINT platform_secrets_sealed CHECK (length(sealed_value) >= 28);
ALTER TABLE credentials ADD CONSTRAINT credentials_named
  CHECK (length(name) BETWEEN 1 AND 100 AND length(provider) BETWEEN 1 AND 64);

-- ---- grants -----------------------------------------------------------------------------------

GRANT SELECT, INSERT ON platform_secrets TO tradegraph_worker;
GRANT UPDATE (key_id, sealed_value) ON platform_secrets TO tradegraph_worker;

REVOKE SELECT, INSERT ON credentials FROM tradegraph_server;
GRANT SELECT (id, owner_id, kind, provider, name, key_id, fingerprint, created_at, updated_at, last_used_at)
  ON credentials TO tradegraph_server;
GRANT INSERT (id, owner_id, kind, provider, name, key_id, sealed_value, fingerprint, created_at, updated_at)
  ON credentials TO tradegraph_server;
REVOKE SELECT, DELETE ON ai_providers FROM tradegraph_server;
GRANT SELECT (name, is_enabled, base_url, models, key_id, fingerprint, updated_at) ON ai_providers TO tradegraph_server;

-- ---- row-level security -----------------------------------------------------------------------

ALTER TABLE platform_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform_secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY worker_all ON platform_secrets TO tradegraph_worker USING (true) WITH CHECK (true);
