-- The chain that proves that the audit records are as they were written. Nothing of it stands in the way of a
-- write but one row in the queue: records are sealed afterwards, by one sealer, with a key that is not in here.

-- CreateTable
CREATE TABLE "audit_seals" (
    "sequence" BIGINT NOT NULL,
    "record_id" UUID NOT NULL,
    "record_hash" BYTEA NOT NULL,
    "form" SMALLINT NOT NULL,
    "key_id" TEXT NOT NULL,
    "sealed_at" TIMESTAMPTZ(6) NOT NULL,
    "seal" BYTEA NOT NULL,

    CONSTRAINT "audit_seals_pkey" PRIMARY KEY ("sequence")
);

-- CreateTable
CREATE TABLE "audit_unsealed" (
    "record_id" UUID NOT NULL,

    CONSTRAINT "audit_unsealed_pkey" PRIMARY KEY ("record_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "audit_seals_record_id_key" ON "audit_seals"("record_id");

ALTER TABLE audit_seals ADD CONSTRAINT audit_seals_lengths CHECK (
  sequence > 0 AND length(record_hash) = 32 AND length(seal) = 32);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who owns the function below: it may add to the queue, and nothing else.
DO $$
BEGIN
  CREATE ROLE tradegraph_auditor NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('GRANT tradegraph_auditor TO %I', current_user);
  END IF;
END $$;
GRANT USAGE ON SCHEMA public TO tradegraph_auditor;
GRANT INSERT ON audit_unsealed TO tradegraph_auditor;

-- A record and its place in the queue are one transaction: a record that commits late is queued late, and is
-- sealed all the same. Nobody calls it, and so whoever writes a record needs no right to the queue.
CREATE FUNCTION queue_for_sealing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO audit_unsealed (record_id) SELECT id FROM added;
  RETURN NULL;
END $$;
GRANT CREATE ON SCHEMA public TO tradegraph_auditor;
ALTER FUNCTION queue_for_sealing() OWNER TO tradegraph_auditor;
REVOKE CREATE ON SCHEMA public FROM tradegraph_auditor;
REVOKE ALL ON FUNCTION queue_for_sealing() FROM PUBLIC;
CREATE TRIGGER queue_for_sealing AFTER INSERT ON audit_records
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION queue_for_sealing();

-- The sealer runs with the worker's role. Records that are older than this migration are queued at its start.
GRANT SELECT, INSERT ON audit_seals TO tradegraph_worker;
GRANT SELECT, INSERT, DELETE ON audit_unsealed TO tradegraph_worker;
