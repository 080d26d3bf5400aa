-- Challenges that passkeys sign, each good for one use within minutes. Whoever logs in with a passkey is not known before it
-- is answered, and row-level security shows them no row: functions of the gatekeeper keep and take challenges, and find
-- passkeys. The server reads and writes no row of the table itself.

-- CreateEnum
CREATE TYPE "passkey_challenge_purpose" AS ENUM ('REGISTRATION', 'CONFIRMATION', 'LOG_IN');

-- CreateTable
CREATE TABLE "passkey_challenges" (
    "challenge_hash" BYTEA NOT NULL,
    "purpose" "passkey_challenge_purpose" NOT NULL,
    "owner_id" UUID,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "passkey_challenges_pkey" PRIMARY KEY ("challenge_hash")
);

-- CreateIndex
CREATE INDEX "passkey_challenges_expires_at_idx" ON "passkey_challenges"("expires_at");

ALTER TABLE passkey_challenges ADD CONSTRAINT passkey_challenges_hash CHECK (length(challenge_hash) = 32);
-- Nobody is known before a log-in; whoever registers or confirms is.
ALTER TABLE passkey_challenges ADD CONSTRAINT passkey_challenges_owner
  CHECK ((purpose = 'LOG_IN') = (owner_id IS NULL));
ALTER TABLE passkey_challenges ADD CONSTRAINT passkey_challenges_owner_id_fkey
  FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE RESTRICT ON UPDATE CASCADE;

-- Keeps a challenge: for the viewer, or for a log-in. Some of those that ran out go, so that the table holds no more than
-- was asked for within the lifetime of one.
CREATE FUNCTION keep_passkey_challenge(p_challenge_hash bytea, p_purpose passkey_challenge_purpose, p_now timestamptz,
  p_expires_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF p_purpose <> 'LOG_IN' AND viewer_id() IS NULL THEN
    RAISE EXCEPTION 'a challenge for % is for who is logged in', p_purpose USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM passkey_challenges WHERE challenge_hash IN (
    SELECT challenge_hash FROM passkey_challenges WHERE expires_at <= p_now
    ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED);
  INSERT INTO passkey_challenges (challenge_hash, purpose, owner_id, expires_at)
    VALUES (p_challenge_hash, p_purpose, CASE WHEN p_purpose = 'LOG_IN' THEN NULL ELSE viewer_id() END, p_expires_at);
END $$;

-- Uses up a challenge of that purpose: the viewer's, or one of a log-in. Whether there was one that is good; of two who ask
-- at once, one alone gets true.
CREATE FUNCTION take_passkey_challenge(p_challenge_hash bytea, p_purpose passkey_challenge_purpose, p_now timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM passkey_challenges
    WHERE challenge_hash = p_challenge_hash AND purpose = p_purpose AND expires_at > p_now
      AND owner_id IS NOT DISTINCT FROM (CASE WHEN p_purpose = 'LOG_IN' THEN NULL ELSE viewer_id() END);
  RETURN FOUND;
END $$;

-- The passkey of a credential's id, whosever it is, with the state of its person. No row when there is none.
CREATE FUNCTION find_passkey(p_credential_id bytea)
RETURNS TABLE (id uuid, public_key bytea, counter bigint, user_id uuid, role user_role, status user_status,
               token_version int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.public_key, p.counter, u.id, u.role, u.status, u.token_version
  FROM passkeys p JOIN users u ON u.id = p.owner_id WHERE p.credential_id = p_credential_id
$$;

GRANT CREATE ON SCHEMA public TO tradegraph_gatekeeper;
ALTER FUNCTION keep_passkey_challenge(bytea, passkey_challenge_purpose, timestamptz, timestamptz)
  OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION take_passkey_challenge(bytea, passkey_challenge_purpose, timestamptz) OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION find_passkey(bytea) OWNER TO tradegraph_gatekeeper;
REVOKE CREATE ON SCHEMA public FROM tradegraph_gatekeeper;
REVOKE ALL ON FUNCTION keep_passkey_challenge(bytea, passkey_challenge_purpose, timestamptz, timestamptz),
  take_passkey_challenge(bytea, passkey_challenge_purpose, timestamptz), find_passkey(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_passkey_challenge(bytea, passkey_challenge_purpose, timestamptz, timestamptz),
  take_passkey_challenge(bytea, passkey_challenge_purpose, timestamptz), find_passkey(bytea) TO tradegraph_server;

-- UPDATE of the time: locking a row asks for the right to change something of it.
GRANT SELECT, INSERT, DELETE, UPDATE (expires_at) ON passkey_challenges TO tradegraph_gatekeeper;
GRANT SELECT, DELETE ON passkey_challenges TO tradegraph_worker;
GRANT SELECT ON passkeys TO tradegraph_gatekeeper;

ALTER TABLE passkey_challenges ENABLE ROW LEVEL SECURITY;
ALTER TABLE passkey_challenges FORCE ROW LEVEL SECURITY;
CREATE POLICY worker_all ON passkey_challenges TO tradegraph_worker USING (true) WITH CHECK (true);
CREATE POLICY gatekeeper ON passkey_challenges TO tradegraph_gatekeeper USING (true) WITH CHECK (true);
CREATE POLICY gatekeeper ON passkeys FOR SELECT TO tradegraph_gatekeeper USING (true);
