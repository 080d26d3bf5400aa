-- Sessions that go on: a refresh token is used once and another takes its place, so that one which comes a second time
-- tells that somebody else has it.

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN "last_used_at" TIMESTAMPTZ(6);
-- Not by UPDATE: row-level security binds the owner of the table as well, and would show it no row.
ALTER TABLE sessions ALTER COLUMN last_used_at TYPE timestamptz(6) USING created_at,
  ALTER COLUMN last_used_at SET NOT NULL;

-- CreateTable
CREATE TABLE "refresh_tokens" (
    "id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "used_at" TIMESTAMPTZ(6),
    "sealed_next" BYTEA,

    CONSTRAINT "refresh_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "refresh_tokens_token_hash_key" ON "refresh_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "refresh_tokens_session_id_idx" ON "refresh_tokens"("session_id");

-- AddForeignKey
ALTER TABLE "refresh_tokens" ADD CONSTRAINT "refresh_tokens_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_hash CHECK (length(token_hash) = 32);
ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_next CHECK (sealed_next IS NULL OR used_at IS NOT NULL);

-- Who brings a refresh token is not logged in, and row-level security shows them no row: these two functions answer for
-- the hash of it. Nobody else reads the table, and the server adds rows to it alone.

-- The token of a hash, with the state of its session and its person. No row when there is none.
CREATE FUNCTION find_refresh_token(p_token_hash bytea)
RETURNS TABLE (id uuid, session_id uuid, user_id uuid, role user_role, status user_status, token_version int,
               expires_at timestamptz, used_at timestamptz, sealed_next bytea,
               session_expires_at timestamptz, revoked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id, t.session_id, u.id, u.role, u.status, u.token_version, t.expires_at, t.used_at, t.sealed_next,
    s.expires_at, s.revoked_at
  FROM refresh_tokens t
  JOIN sessions s ON s.id = t.session_id AND s.owner_id = t.owner_id
  JOIN users u ON u.id = s.owner_id
  WHERE t.token_hash = p_token_hash
$$;

-- Uses up a token of the viewer's. The one before it cannot be opened any more, and those that ran out go, so that a
-- session keeps as many as it used in the lifetime of one.
CREATE FUNCTION use_refresh_token(p_id uuid, p_now timestamptz, p_sealed_next bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_session_id uuid;
BEGIN
  UPDATE refresh_tokens SET used_at = p_now, sealed_next = p_sealed_next
    WHERE id = p_id AND owner_id = viewer_id() AND used_at IS NULL RETURNING session_id INTO v_session_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no unused refresh token % of the viewer', p_id USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE refresh_tokens SET sealed_next = NULL
    WHERE session_id = v_session_id AND id <> p_id AND sealed_next IS NOT NULL;
  DELETE FROM refresh_tokens WHERE session_id = v_session_id AND expires_at <= p_now;
END $$;

GRANT CREATE ON SCHEMA public TO tradegraph_gatekeeper;
ALTER FUNCTION find_refresh_token(bytea) OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION use_refresh_token(uuid, timestamptz, bytea) OWNER TO tradegraph_gatekeeper;
REVOKE CREATE ON SCHEMA public FROM tradegraph_gatekeeper;
REVOKE ALL ON FUNCTION find_refresh_token(bytea), use_refresh_token(uuid, timestamptz, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_refresh_token(bytea), use_refresh_token(uuid, timestamptz, bytea)
  TO tradegraph_server;

GRANT SELECT, DELETE, UPDATE (used_at, sealed_next) ON refresh_tokens TO tradegraph_gatekeeper;
GRANT INSERT ON refresh_tokens TO tradegraph_server;
GRANT UPDATE (expires_at, last_used_at) ON sessions TO tradegraph_server;

ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE refresh_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY gatekeeper ON refresh_tokens TO tradegraph_gatekeeper USING (true) WITH CHECK (true);
CREATE POLICY owner_inserts ON refresh_tokens FOR INSERT TO tradegraph_server
  WITH CHECK (owner_id = (SELECT viewer_id()) AND EXISTS (
    SELECT FROM sessions s WHERE s.id = session_id AND s.owner_id = (SELECT viewer_id())));
