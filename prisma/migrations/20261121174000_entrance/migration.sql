-- What people do before they are logged in, and to their own row: sign up, follow the link of a mail, choose a new
-- password. The server may write no row of users and read no token; these functions do it, each in the name of whose
-- row it is.

-- DropIndex, AlterTable, CreateIndex: as of every list that has pages.
ALTER TABLE "approved_emails" DROP CONSTRAINT "approved_emails_pkey",
ADD COLUMN     "id" UUID NOT NULL,
ADD CONSTRAINT "approved_emails_pkey" PRIMARY KEY ("id");
CREATE UNIQUE INDEX "approved_emails_email_key_key" ON "approved_emails"("email_key");
CREATE INDEX "approved_emails_created_at_id_idx" ON "approved_emails"("created_at" DESC, "id" DESC);

-- An address belongs to one person: to whoever has it in `email_key`. Whoever signed up with an address that was
-- another's has their own id there instead, until they follow the link that is mailed to the address.
CREATE INDEX users_claimed_email_idx ON users (lower(email)) WHERE email_key = id::text;

-- Whether an address is its person's for good: they confirmed it, or an administrator let them in with it. Others may
-- take over an address from all others by confirming it, so that nobody keeps somebody else's by signing up first.
CREATE FUNCTION holds_email(u users) RETURNS boolean LANGUAGE sql IMMUTABLE AS
  $$ SELECT u.email_verified_at IS NOT NULL OR u.status IN ('ACTIVE', 'DISABLED') $$;

-- Makes the viewer, who signs up. Answers whether somebody holds the address, and the risks with that of an address
-- which another signed up with. The same is done for every address.
DROP FUNCTION register_user(uuid, text, text, text, text, user_role, user_status, timestamptz);
CREATE FUNCTION register_user(
  p_id uuid, p_username text, p_email text, p_email_key text, p_password_hash text,
  p_role user_role, p_status user_status, p_risks sign_up_risk[], p_now timestamptz
) RETURNS TABLE (is_held boolean, risks sign_up_risk[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_is_held boolean;
BEGIN
  IF p_id IS DISTINCT FROM viewer_id() OR p_role NOT IN ('VIEWER', 'USER') OR p_status NOT IN ('PENDING', 'ACTIVE') THEN
    RAISE EXCEPTION 'sign-up may not make a % who is %', p_role, p_status
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- Two who sign up with one address at once: the second sees the first.
  PERFORM pg_advisory_xact_lock(hashtextextended('tradegraph.email ' || p_email_key, 0));
  SELECT holds_email(u) INTO v_is_held FROM users u WHERE u.email_key = p_email_key;
  is_held := coalesce(v_is_held, false);
  risks := CASE WHEN v_is_held IS NULL THEN p_risks ELSE p_risks || 'EMAIL_IN_USE'::sign_up_risk END;
  INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
                     token_version, sign_up_risks, created_at, updated_at)
    VALUES (p_id, p_username, lower(p_username), p_email,
            CASE WHEN v_is_held IS NULL THEN p_email_key ELSE p_id::text END, p_password_hash, p_role,
            p_status, 0, risks, p_now, p_now);
  RETURN NEXT;
END $$;

-- Whose token of a mail it is. No row unless it is good.
CREATE FUNCTION find_account_token(p_token_hash bytea, p_purpose account_token_purpose, p_now timestamptz)
RETURNS TABLE (user_id uuid, role user_role, username text, email text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.id, u.role, u.username, u.email FROM account_tokens t JOIN users u ON u.id = t.owner_id
  WHERE t.token_hash = p_token_hash AND t.purpose = p_purpose AND t.used_at IS NULL AND t.expires_at > p_now
$$;

-- Uses up a token of the viewer's, and answers with the address that it was mailed to. Of two at once the second
-- waits, and gets null.
CREATE FUNCTION use_account_token(p_token_hash bytea, p_purpose account_token_purpose, p_now timestamptz) RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE account_tokens SET used_at = p_now
    WHERE token_hash = p_token_hash AND purpose = p_purpose AND owner_id = viewer_id()
      AND used_at IS NULL AND expires_at > p_now
    RETURNING email_key
$$;

-- The viewer followed the link that was mailed to their address: it is theirs, unless another holds it. Where approved
-- addresses enter by themselves, they do so now, if nothing was risky. No row when the token is not good, the person
-- may not come, or the address is not theirs to take; nothing is changed then but the token, which the caller rolls back.
CREATE FUNCTION confirm_email(p_token_hash bytea, p_is_allow_list boolean, p_now timestamptz)
RETURNS TABLE (username text, email text, role user_role, status user_status, token_version int, has_entered boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_email_key text;
  v_user users;
BEGIN
  v_email_key := use_account_token(p_token_hash, 'EMAIL_VERIFICATION', p_now);
  IF v_email_key IS NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('tradegraph.email ' || v_email_key, 0));
  SELECT * INTO v_user FROM users WHERE id = viewer_id() AND status IN ('PENDING', 'ACTIVE')
    AND email_key IN (v_email_key, id::text) FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE users u SET email_key = u.id::text, updated_at = p_now,
      sign_up_risks = array_append(array_remove(u.sign_up_risks, 'EMAIL_IN_USE'), 'EMAIL_IN_USE')
    WHERE u.email_key = v_email_key AND u.id <> v_user.id AND NOT holds_email(u);
  IF EXISTS (SELECT FROM users u WHERE u.email_key = v_email_key AND u.id <> v_user.id) THEN RETURN; END IF;
  v_user.sign_up_risks := array_remove(v_user.sign_up_risks, 'EMAIL_IN_USE');
  has_entered := v_user.status = 'PENDING' AND p_is_allow_list AND cardinality(v_user.sign_up_risks) = 0
    AND EXISTS (SELECT FROM approved_emails a WHERE a.email_key = v_email_key);
  RETURN QUERY UPDATE users u SET email_key = v_email_key, email_verified_at = p_now, updated_at = p_now,
      sign_up_risks = v_user.sign_up_risks,
      status = CASE WHEN has_entered THEN 'ACTIVE' ELSE u.status END
    WHERE u.id = v_user.id
    RETURNING u.username, u.email, u.role, u.status, u.token_version, has_entered;
END $$;

-- Gives the viewer, if active, another password: older access tokens are void, and so are links that were mailed to
-- choose one. With a token of such a link, or else with the token version that the viewer came with, so that of two
-- changes at once the second changes nothing. No row when nothing was changed.
CREATE FUNCTION change_password(
  p_token_hash bytea, p_token_version int, p_password_hash text, p_now timestamptz
) RETURNS TABLE (username text, email text, role user_role, status user_status, token_version int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF num_nulls(p_token_hash, p_token_version) <> 1 THEN
    RAISE EXCEPTION 'a password is changed with a token or with the old one' USING ERRCODE = 'check_violation';
  END IF;
  -- Whoever logs in at this moment waits here, or is waited for: see hold_user.
  PERFORM FROM users WHERE id = viewer_id() AND status = 'ACTIVE'
    AND token_version = coalesce(p_token_version, token_version) FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  IF p_token_hash IS NOT NULL AND use_account_token(p_token_hash, 'PASSWORD_RESET', p_now) IS NULL THEN RETURN; END IF;
  UPDATE account_tokens SET used_at = p_now
    WHERE owner_id = viewer_id() AND purpose = 'PASSWORD_RESET' AND used_at IS NULL;
  RETURN QUERY UPDATE users u SET password_hash = p_password_hash, token_version = u.token_version + 1, updated_at = p_now
    WHERE u.id = viewer_id() RETURNING u.username, u.email, u.role, u.status, u.token_version;
END $$;

-- The same password, hashed at another cost. Nothing is changed if it became another one meanwhile.
CREATE FUNCTION rehash_password(p_old_hash text, p_new_hash text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE users SET password_hash = p_new_hash WHERE id = viewer_id() AND password_hash = p_old_hash
$$;

-- Whether a person is active and as they were when they showed who they are; they stay so to the end of the
-- transaction. A session that is opened then is ended by whatever changes them next.
CREATE FUNCTION hold_user(p_user_id uuid, p_token_version int) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM (SELECT FROM users WHERE id = p_user_id AND status = 'ACTIVE'
    AND token_version = p_token_version FOR SHARE) AS held)
$$;

-- What the viewer says of themselves; null leaves as it is, an empty name takes it away.
CREATE FUNCTION update_profile(p_full_name text, p_account_type account_type, p_now timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE users SET full_name = nullif(coalesce(p_full_name, full_name), ''),
      account_type = coalesce(p_account_type, account_type), updated_at = p_now
    WHERE id = viewer_id() AND status = 'ACTIVE'
$$;

DO $$
DECLARE name text;
BEGIN
  EXECUTE 'GRANT CREATE ON SCHEMA public TO tradegraph_gatekeeper';
  FOREACH name IN ARRAY ARRAY[
    'register_user(uuid, text, text, text, text, user_role, user_status, sign_up_risk[], timestamptz)',
    'find_account_token(bytea, account_token_purpose, timestamptz)',
    'use_account_token(bytea, account_token_purpose, timestamptz)',
    'confirm_email(bytea, boolean, timestamptz)',
    'change_password(bytea, int, text, timestamptz)',
    'rehash_password(text, text)',
    'hold_user(uuid, int)',
    'update_profile(text, account_type, timestamptz)'] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO tradegraph_gatekeeper', name);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
    IF name NOT LIKE 'use_account_token%' THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO tradegraph_server', name);
    END IF;
  END LOOP;
  EXECUTE 'REVOKE CREATE ON SCHEMA public FROM tradegraph_gatekeeper';
END $$;
REVOKE ALL ON FUNCTION holds_email(users) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION holds_email(users) TO tradegraph_gatekeeper, tradegraph_worker;
-- An operator opens sessions too.
GRANT EXECUTE ON FUNCTION hold_user(uuid, int) TO tradegraph_worker;

GRANT SELECT, UPDATE (used_at) ON account_tokens TO tradegraph_gatekeeper;
GRANT SELECT ON approved_emails TO tradegraph_gatekeeper;
GRANT UPDATE (password_hash, email_key, email_verified_at, sign_up_risks, full_name, account_type)
  ON users TO tradegraph_gatekeeper;
CREATE POLICY gatekeeper ON account_tokens TO tradegraph_gatekeeper USING (true) WITH CHECK (true);
CREATE POLICY gatekeeper ON approved_emails FOR SELECT TO tradegraph_gatekeeper USING (true);
