-- What the life of an account needs past sign-up and log-in: links in mails, second factors, keys of bots, secrets at other
-- services, and mails. Functions that answer for people who are not logged in come with what calls them.

-- CreateEnum
CREATE TYPE "account_type" AS ENUM ('INDIVIDUAL', 'BUSINESS');

-- CreateEnum
CREATE TYPE "kyc_status" AS ENUM ('NONE', 'PENDING', 'VERIFIED', 'REJECTED');

-- CreateEnum
CREATE TYPE "sign_up_risk" AS ENUM ('DISPOSABLE_EMAIL', 'VELOCITY', 'EMAIL_IN_USE');

-- CreateEnum
CREATE TYPE "account_token_purpose" AS ENUM ('EMAIL_VERIFICATION', 'PASSWORD_RESET');

-- CreateEnum
CREATE TYPE "api_key_environment" AS ENUM ('LIVE', 'TEST');

-- CreateEnum
CREATE TYPE "api_key_scope" AS ENUM ('READ', 'TRADE', 'AGENT', 'ADMIN');

-- CreateEnum
CREATE TYPE "credential_kind" AS ENUM ('BROKER', 'LLM_PROVIDER', 'DEPLOYMENT');

-- CreateEnum
CREATE TYPE "mail_status" AS ENUM ('QUEUED', 'SENT', 'FAILED', 'DROPPED');

-- AlterEnum
ALTER TYPE "user_status" ADD VALUE 'DELETED';

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "account_type" "account_type" NOT NULL DEFAULT 'INDIVIDUAL',
ADD COLUMN     "email_verified_at" TIMESTAMPTZ(6),
ADD COLUMN     "full_name" TEXT,
ADD COLUMN     "kyc_status" "kyc_status" NOT NULL DEFAULT 'NONE',
ADD COLUMN     "sign_up_risks" "sign_up_risk"[] DEFAULT ARRAY[]::"sign_up_risk"[];

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "second_factor_at" TIMESTAMPTZ(6);

-- CreateTable
CREATE TABLE "account_tokens" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "purpose" "account_token_purpose" NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "email_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "used_at" TIMESTAMPTZ(6),

    CONSTRAINT "account_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "approved_emails" (
    "email_key" TEXT NOT NULL,
    "added_by" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "approved_emails_pkey" PRIMARY KEY ("email_key")
);

-- CreateTable
CREATE TABLE "totp_factors" (
    "owner_id" UUID NOT NULL,
    "key_id" TEXT NOT NULL,
    "sealed_secret" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "confirmed_at" TIMESTAMPTZ(6),
    "last_used_step" BIGINT,

    CONSTRAINT "totp_factors_pkey" PRIMARY KEY ("owner_id")
);

-- CreateTable
CREATE TABLE "recovery_codes" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "code_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "used_at" TIMESTAMPTZ(6),

    CONSTRAINT "recovery_codes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "passkeys" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "credential_id" BYTEA NOT NULL,
    "public_key" BYTEA NOT NULL,
    "counter" BIGINT NOT NULL,
    "transports" TEXT[],
    "is_backed_up" BOOLEAN NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "last_used_at" TIMESTAMPTZ(6),

    CONSTRAINT "passkeys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "environment" "api_key_environment" NOT NULL,
    "prefix" TEXT NOT NULL,
    "key_hash" BYTEA NOT NULL,
    "scopes" "api_key_scope"[],
    "networks" TEXT[],
    "requests_per_minute" INTEGER,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "expires_at" TIMESTAMPTZ(6),
    "last_used_at" TIMESTAMPTZ(6),
    "last_used_address" TEXT,
    "revoked_at" TIMESTAMPTZ(6),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "credentials" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "kind" "credential_kind" NOT NULL,
    "provider" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "sealed_value" BYTEA NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "credentials_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ai_providers" (
    "name" TEXT NOT NULL,
    "is_enabled" BOOLEAN NOT NULL,
    "base_url" TEXT,
    "models" TEXT[],
    "key_id" TEXT,
    "sealed_key" BYTEA,
    "fingerprint" TEXT,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "ai_providers_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "mails" (
    "id" UUID NOT NULL,
    "owner_id" UUID,
    "recipient" TEXT NOT NULL,
    "template" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "status" "mail_status" NOT NULL,
    "attempts" INTEGER NOT NULL,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "sent_at" TIMESTAMPTZ(6),

    CONSTRAINT "mails_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "account_tokens_token_hash_key" ON "account_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "account_tokens_owner_id_purpose_idx" ON "account_tokens"("owner_id", "purpose");

-- CreateIndex
CREATE INDEX "account_tokens_expires_at_idx" ON "account_tokens"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "recovery_codes_owner_id_code_hash_key" ON "recovery_codes"("owner_id", "code_hash");

-- CreateIndex
CREATE UNIQUE INDEX "passkeys_credential_id_key" ON "passkeys"("credential_id");

-- CreateIndex
CREATE INDEX "passkeys_owner_id_created_at_id_idx" ON "passkeys"("owner_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_key_hash_key" ON "api_keys"("key_hash");

-- CreateIndex
CREATE INDEX "api_keys_owner_id_created_at_id_idx" ON "api_keys"("owner_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "credentials_owner_id_created_at_id_idx" ON "credentials"("owner_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "credentials_owner_id_kind_provider_name_key" ON "credentials"("owner_id", "kind", "provider", "name");

-- CreateIndex
CREATE INDEX "mails_created_at_id_idx" ON "mails"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "mails_status_created_at_id_idx" ON "mails"("status", "created_at" DESC, "id" DESC);

-- ---- what a row may be ------------------------------------------------------------------------

ALTER TABLE users ALTER COLUMN sign_up_risks SET NOT NULL;
ALTER TABLE api_keys ALTER COLUMN scopes SET NOT NULL, ALTER COLUMN networks SET NOT NULL;
ALTER TABLE passkeys ALTER COLUMN transports SET NOT NULL;
ALTER TABLE ai_providers ALTER COLUMN models SET NOT NULL;

ALTER TABLE users ADD CONSTRAINT users_full_name CHECK (length(full_name) BETWEEN 1 AND 200);
ALTER TABLE account_tokens ADD CONSTRAINT account_tokens_hash CHECK (length(token_hash) = 32);
ALTER TABLE recovery_codes ADD CONSTRAINT recovery_codes_hash CHECK (length(code_hash) = 32);
ALTER TABLE api_keys ADD CONSTRAINT api_keys_hash CHECK (length(key_hash) = 32);
ALTER TABLE api_keys ADD CONSTRAINT api_keys_scopes CHECK (cardinality(scopes) > 0);
ALTER TABLE api_keys ADD CONSTRAINT api_keys_rate CHECK (requests_per_minute > 0);
ALTER TABLE ai_providers ADD CONSTRAINT ai_providers_key
  CHECK (num_nulls(key_id, sealed_key, fingerprint) IN (0, 3));
ALTER TABLE mails ADD CONSTRAINT mails_attempts CHECK (attempts >= 0);
ALTER TABLE mails ADD CONSTRAINT mails_sent CHECK ((status = 'SENT') = (sent_at IS NOT NULL));

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['account_tokens', 'api_keys', 'credentials', 'mails', 'passkeys',
                              'recovery_codes', 'totp_factors'] LOOP
    EXECUTE format('ALTER TABLE %1$I ADD CONSTRAINT %1$I_owner_id_fkey
      FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE RESTRICT ON UPDATE CASCADE', name);
  END LOOP;
END $$;

-- ---- grants -----------------------------------------------------------------------------------

GRANT SELECT (full_name, account_type, kyc_status, email_verified_at, sign_up_risks) ON users TO tradegraph_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON account_tokens, ai_providers, api_keys, approved_emails, credentials, mails,
  passkeys, recovery_codes, totp_factors TO tradegraph_worker;

GRANT SELECT (id, owner_id, name, environment, prefix, scopes, networks, requests_per_minute, created_at, expires_at,
  last_used_at, last_used_address, revoked_at) ON api_keys TO tradegraph_server;
GRANT INSERT ON api_keys TO tradegraph_server;
GRANT UPDATE (revoked_at) ON api_keys TO tradegraph_server;
GRANT SELECT, INSERT, DELETE ON credentials, passkeys, recovery_codes, totp_factors TO tradegraph_server;
GRANT UPDATE (key_id, sealed_value, fingerprint, updated_at) ON credentials TO tradegraph_server;
GRANT UPDATE (counter, is_backed_up, name, last_used_at) ON passkeys TO tradegraph_server;
GRANT UPDATE (used_at) ON recovery_codes TO tradegraph_server;
GRANT UPDATE (key_id, sealed_secret, created_at, confirmed_at, last_used_step) ON totp_factors TO tradegraph_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON ai_providers TO tradegraph_server;
GRANT SELECT, INSERT, DELETE ON approved_emails TO tradegraph_server;
GRANT SELECT, INSERT ON mails TO tradegraph_server;

-- ---- row-level security -----------------------------------------------------------------------

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['account_tokens', 'ai_providers', 'api_keys', 'approved_emails', 'credentials', 'mails',
                              'passkeys', 'recovery_codes', 'totp_factors'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY worker_all ON %I TO tradegraph_worker USING (true) WITH CHECK (true)', name);
  END LOOP;
  -- Secrets and factors are their owner's alone: administrators see no row of them.
  FOREACH name IN ARRAY ARRAY['credentials', 'passkeys', 'recovery_codes', 'totp_factors'] LOOP
    EXECUTE format('CREATE POLICY owner_all ON %I TO tradegraph_server
      USING (owner_id = (SELECT viewer_id())) WITH CHECK (owner_id = (SELECT viewer_id()))', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['ai_providers', 'approved_emails'] LOOP
    EXECUTE format('CREATE POLICY admin_all ON %I TO tradegraph_server
      USING ((SELECT viewer_is_admin())) WITH CHECK ((SELECT viewer_is_admin()))', name);
  END LOOP;
END $$;

CREATE POLICY owner_reads ON api_keys FOR SELECT TO tradegraph_server
  USING (owner_id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()));
CREATE POLICY owner_inserts ON api_keys FOR INSERT TO tradegraph_server
  WITH CHECK (owner_id = (SELECT viewer_id()));
CREATE POLICY owner_updates ON api_keys FOR UPDATE TO tradegraph_server
  USING (owner_id = (SELECT viewer_id())) WITH CHECK (owner_id = (SELECT viewer_id()));

-- A mail is asked for in the name of whom it is about, by an administrator, or for an address that may be nobody's.
CREATE POLICY admin_reads ON mails FOR SELECT TO tradegraph_server USING ((SELECT viewer_is_admin()));
CREATE POLICY asked_for ON mails FOR INSERT TO tradegraph_server
  WITH CHECK (owner_id IS NULL OR owner_id = (SELECT viewer_id()) OR (SELECT viewer_is_admin()));

-- ---- sessions ---------------------------------------------------------------------------------

GRANT UPDATE (second_factor_at) ON sessions TO tradegraph_server;

-- Who a session belongs to now, and when they last showed a second factor in it. No row when there is none.
DROP FUNCTION find_session(uuid);
CREATE FUNCTION find_session(p_session_id uuid)
RETURNS TABLE (user_id uuid, role user_role, status user_status, token_version int,
               expires_at timestamptz, revoked_at timestamptz, second_factor_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.id, u.role, u.status, u.token_version, s.expires_at, s.revoked_at, s.second_factor_at
  FROM sessions s JOIN users u ON u.id = s.owner_id WHERE s.id = p_session_id
$$;
GRANT CREATE ON SCHEMA public TO tradegraph_gatekeeper;
ALTER FUNCTION find_session(uuid) OWNER TO tradegraph_gatekeeper;
REVOKE CREATE ON SCHEMA public FROM tradegraph_gatekeeper;
REVOKE ALL ON FUNCTION find_session(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_session(uuid) TO tradegraph_server;
