-- What administrators do to people beyond their role and status, and what they see of everyone. As in `user_changes`,
-- the server's role may write no row of users: these functions do it for an administrator, and look at the rows for
-- who that is. What they find and count over everyone is read by functions as well, which see no more columns than
-- that takes.
--
-- Behind row-level security PostgreSQL uses neither index nor statistics for an enum, since it cannot know that
-- comparing one tells nothing of a row: so people are filed under a number, and few among many have partial indexes.

-- ---- indexes ----------------------------------------------------------------------------------

-- What people are filed under: their status in tens, and their role.
CREATE FUNCTION user_filing(p_status user_status, p_role user_role) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (CASE p_status WHEN 'PENDING' THEN 10 WHEN 'ACTIVE' THEN 20 WHEN 'REJECTED' THEN 30 WHEN 'DISABLED' THEN 40
      WHEN 'DELETED' THEN 50 END
    + CASE p_role WHEN 'VIEWER' THEN 1 WHEN 'USER' THEN 2 WHEN 'PREMIUM' THEN 3 WHEN 'ADMIN' THEN 4
      WHEN 'SUPER_ADMIN' THEN 5 END)::smallint
$$;
ALTER TABLE users ADD COLUMN filing smallint NOT NULL GENERATED ALWAYS AS (user_filing(status, role)) STORED;
CREATE INDEX users_filing_idx ON users (filing, created_at DESC, id DESC);
-- Names and addresses by how they begin.
CREATE INDEX users_username_key_prefix_idx ON users (username_key text_pattern_ops);
CREATE INDEX users_email_key_prefix_idx ON users (email_key text_pattern_ops);
CREATE INDEX users_kyc_status_idx ON users (kyc_status, created_at DESC, id DESC) WHERE kyc_status <> 'NONE';
CREATE INDEX users_risky_idx ON users (created_at DESC, id DESC) WHERE cardinality(sign_up_risks) > 0;
-- All accounts, newest first.
CREATE INDEX accounts_created_at_id_idx ON accounts (created_at DESC, id DESC);
-- The few that are counted.
CREATE INDEX models_active_idx ON models (created_at DESC, id DESC) WHERE status = 'ACTIVE';
CREATE INDEX mails_queued_count_idx ON mails (created_at DESC, id DESC) WHERE status = 'QUEUED';
CREATE INDEX mails_failed_count_idx ON mails (created_at DESC, id DESC) WHERE status = 'FAILED';
-- The audit log by what its filters name.
CREATE INDEX audit_records_action_idx ON audit_records (action, occurred_at DESC, id DESC);
CREATE INDEX audit_records_target_type_idx ON audit_records (target_type, occurred_at DESC, id DESC);
CREATE INDEX audit_records_target_idx ON audit_records (target_id, occurred_at DESC, id DESC)
  WHERE target_id IS NOT NULL;
CREATE INDEX audit_records_address_idx ON audit_records (address, occurred_at DESC, id DESC)
  WHERE address IS NOT NULL;
-- A day's orders and trades lie together, as they were written: a few words for each megabyte find them, and cost a
-- write next to nothing.
CREATE INDEX orders_created_at_brin ON orders USING brin (created_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX trades_executed_at_brin ON trades USING brin (executed_at) WITH (pages_per_range = 32, autosummarize = on);
-- The mails about somebody, when that person goes.
CREATE INDEX mails_owner_id_idx ON mails (owner_id);
CREATE INDEX mails_recipient_idx ON mails (lower(recipient));

-- ---- roles ------------------------------------------------------------------------------------
-- The eraser makes people anonymous; the overseer counts and finds for administrators. Neither logs in or owns a
-- table.

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tradegraph_eraser', 'tradegraph_overseer'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END LOOP;
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('GRANT tradegraph_eraser, tradegraph_overseer TO %I', current_user);
  END IF;
END $$;
GRANT USAGE ON SCHEMA public TO tradegraph_eraser, tradegraph_overseer;
GRANT EXECUTE ON FUNCTION viewer_id(), viewer_is_admin() TO tradegraph_auditor, tradegraph_eraser, tradegraph_overseer;

-- ---- making and changing people ---------------------------------------------------------------

-- Makes a person who may log in at once. Refuses (insufficient_privilege) a viewer who is no active administrator,
-- and administrators unless the viewer is a SUPER_ADMIN.
CREATE FUNCTION create_user(
  p_id uuid, p_username text, p_username_key text, p_email text, p_email_key text, p_password_hash text,
  p_role user_role, p_full_name text, p_account_type account_type, p_now timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT viewer_is_admin() OR NOT EXISTS (SELECT FROM users WHERE id = viewer_id() AND status = 'ACTIVE'
      AND (role = 'SUPER_ADMIN' OR role = 'ADMIN' AND p_role NOT IN ('ADMIN', 'SUPER_ADMIN'))) THEN
    RAISE EXCEPTION '% may not make a %', viewer_id(), p_role USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status, token_version,
                     full_name, account_type, created_at, updated_at)
    VALUES (p_id, p_username, p_username_key, p_email, p_email_key, p_password_hash, p_role, 'ACTIVE', 0,
            p_full_name, p_account_type, p_now, p_now);
END $$;

-- Writes what administrators write of another person who is not gone. Refuses as change_user does.
CREATE FUNCTION update_user(
  p_user_id uuid, p_full_name text, p_account_type account_type, p_kyc_status kyc_status, p_now timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_actor_role user_role;
BEGIN
  SELECT role INTO v_actor_role FROM users
    WHERE viewer_is_admin() AND id = viewer_id() AND status = 'ACTIVE' AND role IN ('ADMIN', 'SUPER_ADMIN');
  UPDATE users SET full_name = p_full_name, account_type = p_account_type, kyc_status = p_kyc_status, updated_at = p_now
    WHERE id = p_user_id AND id <> viewer_id() AND status <> 'DELETED'
      AND (v_actor_role = 'SUPER_ADMIN' OR v_actor_role = 'ADMIN' AND role NOT IN ('ADMIN', 'SUPER_ADMIN'));
  IF NOT FOUND THEN
    RAISE EXCEPTION '% may not change %', viewer_id(), p_user_id USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;

GRANT UPDATE (full_name, account_type, kyc_status) ON users TO tradegraph_gatekeeper;

-- ---- people who are gone ----------------------------------------------------------------------

-- The key of the name of somebody who is gone: the same name is known again, and is not kept. No name holds a colon.
CREATE FUNCTION gone_username_key(p_username_key text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT 'deleted:' || encode(sha256(convert_to(p_username_key, 'UTF8')), 'hex') $$;

-- Makes a person anonymous, for good: no text of theirs is left in a table but where the decision record says so, and
-- nothing of theirs goes on. Ledger, trades and history stay, with the bare id. Refuses as change_user does.
-- Locks in the order of all writes: the person, accounts, orders. Answers with how many of their models, sessions,
-- keys and orders it ended.
CREATE FUNCTION erase_user(p_user_id uuid, p_now timestamptz)
RETURNS TABLE (models int, sessions int, api_keys int, orders int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  -- A name that may be shown and is nobody's: the end of a UUIDv7 is random.
  v_username text := 'deleted_' || right(replace(p_user_id::text, '-', ''), 20);
  v_email text := p_user_id || '@deleted.invalid';
  v_actor_role user_role;
  v_role user_role;
  v_email_key text;
  v_models int;
  v_sessions int;
  v_keys int;
  v_orders int;
BEGIN
  SELECT role INTO v_actor_role FROM users
    WHERE viewer_is_admin() AND id = viewer_id() AND status = 'ACTIVE' AND role IN ('ADMIN', 'SUPER_ADMIN');
  -- Stronger than the lock of lock_user_change: it waits for rows that are being added for this person, and rows that
  -- come later are refused.
  SELECT role, email_key INTO v_role, v_email_key
    FROM users WHERE id = p_user_id AND id <> viewer_id() AND status <> 'DELETED' FOR UPDATE;
  IF v_actor_role IS NULL OR v_role IS NULL
     OR (v_actor_role <> 'SUPER_ADMIN' AND v_role IN ('ADMIN', 'SUPER_ADMIN')) THEN
    RAISE EXCEPTION '% may not erase %', viewer_id(), p_user_id USING ERRCODE = 'insufficient_privilege';
  END IF;

  -- What goes on by itself ends. Orders that another venue has are left to it.
  PERFORM 1 FROM accounts WHERE owner_id = p_user_id ORDER BY id FOR UPDATE;
  WITH open_orders AS (
    SELECT id, account_id, status, reserved FROM orders
    WHERE owner_id = p_user_id AND status IN ('PENDING', 'ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED')
    ORDER BY id FOR UPDATE
  ), canceled AS (
    UPDATE orders o SET status = 'CANCELED', reserved = 0, version = o.version + 1, updated_at = p_now
    FROM open_orders b WHERE o.id = b.id
    RETURNING o.id, o.version, o.owner_id, b.status AS from_status, b.account_id, b.reserved
  ), told AS (
    INSERT INTO order_events (order_id, sequence, owner_id, from_status, to_status, occurred_at)
    SELECT id, version, owner_id, from_status, 'CANCELED', p_now FROM canceled
  ), freed AS (
    UPDATE accounts a SET reserved = a.reserved - c.reserved
    FROM (SELECT account_id, sum(reserved) AS reserved FROM canceled GROUP BY 1) c WHERE a.id = c.account_id
  )
  SELECT count(*) INTO v_orders FROM canceled;
  UPDATE accounts SET name = 'Deleted account', status = 'CLOSED' WHERE owner_id = p_user_id;
  UPDATE models SET status = 'STOPPED' WHERE owner_id = p_user_id AND status IN ('ACTIVE', 'STOPPING');
  GET DIAGNOSTICS v_models = ROW_COUNT;
  UPDATE models SET name = 'Deleted model', visibility = 'PRIVATE', log_visibility = 'PRIVATE', updated_at = p_now
    WHERE owner_id = p_user_id;
  UPDATE model_secrets SET prompt = '' WHERE owner_id = p_user_id;

  -- Ways in, and where the person came from.
  SELECT count(*) INTO v_sessions FROM sessions
    WHERE owner_id = p_user_id AND revoked_at IS NULL AND expires_at > p_now;
  UPDATE sessions SET revoked_at = coalesce(revoked_at, p_now), address = NULL, user_agent = NULL
    WHERE owner_id = p_user_id;
  DELETE FROM refresh_tokens WHERE owner_id = p_user_id;
  SELECT count(*) INTO v_keys FROM api_keys WHERE owner_id = p_user_id AND revoked_at IS NULL;
  UPDATE api_keys SET name = 'Deleted key', networks = '{}', last_used_address = NULL,
      revoked_at = coalesce(revoked_at, p_now)
    WHERE owner_id = p_user_id;
  DELETE FROM account_tokens WHERE owner_id = p_user_id;
  DELETE FROM totp_factors WHERE owner_id = p_user_id;
  DELETE FROM recovery_codes WHERE owner_id = p_user_id;
  DELETE FROM passkeys WHERE owner_id = p_user_id;
  DELETE FROM passkey_challenges WHERE owner_id = p_user_id;
  DELETE FROM credentials WHERE owner_id = p_user_id;
  DELETE FROM idempotency_keys WHERE owner_id = p_user_id;
  DELETE FROM approved_emails WHERE email_key = v_email_key;
  -- Those that were sent to others are about this person as well: each says whom it is about.
  DELETE FROM mails WHERE owner_id = p_user_id OR lower(recipient) = v_email_key;

  -- News of the person carry the user name. What the relay moves meanwhile is in the log when this statement is over,
  -- and the next one sees it there.
  UPDATE outbox SET payload = payload || jsonb_build_object('username', v_username)
    WHERE topic = 'user:' || p_user_id AND payload ? 'username';
  UPDATE event_log SET payload = payload || jsonb_build_object('username', v_username)
    WHERE topic = 'user:' || p_user_id AND payload ? 'username';

  UPDATE users SET username = v_username, username_key = gone_username_key(username_key),
      email = v_email, email_key = v_email,
      -- Argon2id in form. not a secret: nobody knows a password with this digest.
      password_hash = '$argon2id$v=19$m=19456,t=2,p=1$' || repeat('A', 22) || '$' || repeat('A', 43),
      full_name = NULL, account_type = 'INDIVIDUAL', kyc_status = 'NONE', email_verified_at = NULL,
      sign_up_risks = '{}',
      status = 'DELETED', token_version = token_version + 1, updated_at = p_now
    WHERE id = p_user_id;
  RETURN QUERY SELECT v_models, v_sessions, v_keys, v_orders;
END $$;

-- Takes what models of somebody who is gone thought, and what old news say of them, some at a time: there may be more
-- than a transaction should change. Old news keep their places, so that those of others are found as before. Answers
-- with how many lines and news it took, and with the position after which to go on.
CREATE FUNCTION erase_trail(p_user_id uuid, p_after bigint, p_limit int)
RETURNS TABLE (lines int, news int, last_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_lines int;
  v_news int;
  v_last bigint;
BEGIN
  IF NOT viewer_is_admin() OR NOT EXISTS (SELECT FROM users WHERE id = p_user_id AND status = 'DELETED') THEN
    RAISE EXCEPTION '% may not erase the trail of %', viewer_id(), p_user_id USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM agent_log WHERE id IN (
    SELECT l.id FROM models m JOIN agent_log l ON l.model_id = m.id WHERE m.owner_id = p_user_id LIMIT p_limit);
  GET DIAGNOSTICS v_lines = ROW_COUNT;
  WITH some_news AS (
    SELECT position, recorded_at FROM event_log
    WHERE owner_id = p_user_id AND position > p_after ORDER BY position LIMIT p_limit
  ), taken AS (
    UPDATE event_log e SET payload = '{}' FROM some_news n
    WHERE e.position = n.position AND e.recorded_at = n.recorded_at AND e.topic <> 'user:' || p_user_id
  )
  SELECT count(*), max(position) INTO v_news, v_last FROM some_news;
  RETURN QUERY SELECT v_lines, v_news, coalesce(v_last, p_after);
END $$;

-- Nobody takes the name of somebody who is gone, to be taken for them. After the row, so that a sign-up which waited
-- for an erasure sees what it left; the name of the index is what a taken name fails with elsewhere.
CREATE FUNCTION refuse_gone_username() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM users WHERE username_key = gone_username_key(NEW.username_key)) THEN
    RAISE EXCEPTION 'the user name was of somebody who is gone'
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'users_username_key_key', TABLE = 'users';
  END IF;
  RETURN NULL;
END $$;

-- What is gone stays gone, whoever changes it.
CREATE FUNCTION keep_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a deleted person stays deleted' USING ERRCODE = 'restrict_violation';
END $$;

-- A request that began before its person was erased leaves nothing of them afterwards. The check of the foreign key,
-- which comes before, has waited for the erasure.
CREATE FUNCTION refuse_deleted_owner() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM users WHERE id = NEW.owner_id AND status = 'DELETED') THEN
    RAISE EXCEPTION 'the person of this row of % is deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;

GRANT CREATE ON SCHEMA public TO tradegraph_gatekeeper, tradegraph_eraser;
ALTER FUNCTION create_user(uuid, text, text, text, text, text, user_role, text, account_type, timestamptz)
  OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION update_user(uuid, text, account_type, kyc_status, timestamptz) OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION refuse_gone_username() OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION refuse_deleted_owner() OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION erase_user(uuid, timestamptz) OWNER TO tradegraph_eraser;
ALTER FUNCTION erase_trail(uuid, bigint, int) OWNER TO tradegraph_eraser;
REVOKE CREATE ON SCHEMA public FROM tradegraph_gatekeeper, tradegraph_eraser;
REVOKE ALL ON FUNCTION create_user, update_user, erase_user, erase_trail, gone_username_key, refuse_gone_username,
  keep_deleted, refuse_deleted_owner FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gone_username_key(text) TO tradegraph_gatekeeper, tradegraph_eraser;
GRANT EXECUTE ON FUNCTION create_user, update_user, erase_user, erase_trail TO tradegraph_server;

CREATE TRIGGER refuse_gone_username AFTER INSERT OR UPDATE OF username_key ON users
  FOR EACH ROW EXECUTE FUNCTION refuse_gone_username();
CREATE TRIGGER keep_deleted BEFORE UPDATE ON users FOR EACH ROW WHEN (OLD.status = 'DELETED')
  EXECUTE FUNCTION keep_deleted();
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['account_tokens', 'accounts', 'api_keys', 'credentials', 'mails', 'models',
                              'passkey_challenges', 'passkeys', 'recovery_codes', 'sessions', 'totp_factors'] LOOP
    EXECUTE format('CREATE TRIGGER refuse_deleted_owner AFTER INSERT ON %I
      FOR EACH ROW EXECUTE FUNCTION refuse_deleted_owner()', name);
  END LOOP;
END $$;

GRANT SELECT (id, username, username_key, email, email_key, full_name, role, status, token_version) ON users
  TO tradegraph_eraser;
GRANT UPDATE (username, username_key, email, email_key, password_hash, full_name, account_type, kyc_status,
  email_verified_at, sign_up_risks, status, token_version, updated_at) ON users TO tradegraph_eraser;
GRANT SELECT (id, owner_id, reserved), UPDATE (name, status, reserved) ON accounts TO tradegraph_eraser;
GRANT SELECT (id, owner_id, account_id, status, reserved, version), UPDATE (status, reserved, version, updated_at)
  ON orders TO tradegraph_eraser;
GRANT INSERT ON order_events TO tradegraph_eraser;
GRANT SELECT (owner_id, status), UPDATE (name, status, visibility, log_visibility, updated_at) ON models
  TO tradegraph_eraser;
GRANT SELECT (owner_id), UPDATE (prompt) ON model_secrets TO tradegraph_eraser;
GRANT SELECT (owner_id, revoked_at, expires_at), UPDATE (revoked_at, address, user_agent) ON sessions
  TO tradegraph_eraser;
GRANT SELECT (owner_id, revoked_at), UPDATE (name, networks, last_used_address, revoked_at) ON api_keys
  TO tradegraph_eraser;
GRANT SELECT (topic, payload), UPDATE (payload) ON outbox, event_log TO tradegraph_eraser;
GRANT SELECT (position, recorded_at, owner_id) ON event_log TO tradegraph_eraser;
GRANT SELECT (id) ON models TO tradegraph_eraser;
GRANT SELECT (id, model_id), DELETE ON agent_log TO tradegraph_eraser;
GRANT SELECT (email_key), DELETE ON approved_emails TO tradegraph_eraser;
GRANT SELECT (owner_id, recipient, data), DELETE ON mails TO tradegraph_eraser;
GRANT SELECT (owner_id), DELETE ON account_tokens, credentials, idempotency_keys, passkey_challenges, passkeys,
  recovery_codes, refresh_tokens, totp_factors TO tradegraph_eraser;
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['account_tokens', 'accounts', 'agent_log', 'api_keys', 'approved_emails', 'credentials',
    'event_log',
    'idempotency_keys', 'mails', 'model_secrets', 'models', 'order_events', 'orders', 'outbox', 'passkey_challenges',
    'passkeys', 'recovery_codes', 'refresh_tokens', 'sessions', 'totp_factors', 'users'] LOOP
    EXECUTE format('CREATE POLICY eraser ON %I TO tradegraph_eraser USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;

-- That a person was made is told to their own streams as well.
CREATE POLICY admin_tells_of_new ON outbox FOR INSERT TO tradegraph_server
  WITH CHECK ((SELECT viewer_is_admin()) AND type = 'UserSignedUp' AND topic = 'user:' || owner_id);

-- ---- finding people ---------------------------------------------------------------------------

-- What people of these statuses and roles are filed under; null is any.
CREATE FUNCTION user_filings(p_status user_status[], p_role user_role[]) RETURNS smallint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT user_filing(s.status, r.role)), '{}')
  FROM unnest(coalesce(p_status, enum_range(NULL::user_status))) AS s (status)
    CROSS JOIN unnest(coalesce(p_role, enum_range(NULL::user_role))) AS r (role)
$$;

-- People for administrators, newest first, p_limit of them after or before a place in the list; p_is_backward takes
-- them from its end, the last one first. A filter that is null narrows nothing. Nobody else finds anybody. The parts
-- that are not asked for fall away as the query is planned, each time anew.
--
-- Whoever is looked for by status or role is looked for value by value, each along the index and no further than the
-- page goes: few among many are found as fast as many.
CREATE FUNCTION find_users(
  p_status user_status[], p_role user_role[], p_kyc_status kyc_status[], p_is_risky boolean,
  p_username_key text, p_email_key text, p_prefix text,
  p_after timestamptz, p_after_id uuid, p_before timestamptz, p_before_id uuid, p_is_backward boolean, p_limit int
) RETURNS TABLE (id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET enable_bitmapscan = on SET jit = off AS $$
DECLARE
  v_values text := '(SELECT) v';
  v_condition text := 'true';
BEGIN
  IF (p_status IS NOT NULL OR p_role IS NOT NULL) AND p_kyc_status IS NULL AND p_is_risky IS NULL
     AND p_username_key IS NULL AND p_email_key IS NULL AND p_prefix IS NULL THEN
    v_values := '(SELECT unnest(user_filings($1, $2)) AS filing) v';
    v_condition := 'u.filing = v.filing';
  END IF;
  RETURN QUERY EXECUTE format($query$
    SELECT f.id FROM %1$s CROSS JOIN LATERAL (
      SELECT u.id, u.created_at FROM users u
      WHERE %2$s AND ($1 IS NULL AND $2 IS NULL OR u.filing = ANY (user_filings($1, $2)))
        AND ($3 IS NULL OR u.kyc_status = ANY ($3))
        AND ($4 IS NULL OR (cardinality(u.sign_up_risks) > 0) = $4)
        AND ($5 IS NULL OR u.username_key = $5) AND ($6 IS NULL OR u.email_key = $6)
        AND ($7 IS NULL OR u.username_key ~>=~ $7 AND u.username_key ~<~ ($7 || chr(1114111))
          OR u.email_key ~>=~ $7 AND u.email_key ~<~ ($7 || chr(1114111)))
        AND ($8 IS NULL OR (u.created_at, u.id) < ($8, $9)) AND ($10 IS NULL OR (u.created_at, u.id) > ($10, $11))
      ORDER BY u.created_at %3$s, u.id %3$s LIMIT $12
    ) f
    WHERE (SELECT viewer_is_admin())
    ORDER BY f.created_at %3$s, f.id %3$s LIMIT $12 $query$,
    v_values, v_condition, CASE WHEN p_is_backward THEN 'ASC' ELSE 'DESC' END)
  USING p_status, p_role, p_kyc_status, p_is_risky, p_username_key, p_email_key, p_prefix,
    p_after, p_after_id, p_before, p_before_id, p_limit;
END $$;

-- How many there are.
CREATE FUNCTION count_users(
  p_status user_status[], p_role user_role[], p_kyc_status kyc_status[], p_is_risky boolean,
  p_username_key text, p_email_key text, p_prefix text
) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET enable_bitmapscan = on SET jit = off AS $$
DECLARE
  v_count bigint;
BEGIN
  EXECUTE $query$
    SELECT count(*) FROM users u
    WHERE (SELECT viewer_is_admin())
      AND ($1 IS NULL AND $2 IS NULL OR u.filing = ANY (user_filings($1, $2)))
      AND ($3 IS NULL OR u.kyc_status = ANY ($3))
      AND ($4 IS NULL OR (cardinality(u.sign_up_risks) > 0) = $4)
      AND ($5 IS NULL OR u.username_key = $5) AND ($6 IS NULL OR u.email_key = $6)
      AND ($7 IS NULL OR u.username_key ~>=~ $7 AND u.username_key ~<~ ($7 || chr(1114111))
        OR u.email_key ~>=~ $7 AND u.email_key ~<~ ($7 || chr(1114111))) $query$
  INTO v_count
  USING p_status, p_role, p_kyc_status, p_is_risky, p_username_key, p_email_key, p_prefix;
  RETURN v_count;
END $$;

-- ---- figures ----------------------------------------------------------------------------------
-- Each for administrators alone: no row, or nothing counted, for all others.

CREATE FUNCTION people_figures() RETURNS TABLE (status user_status, role user_role, people bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
  SELECT s.status, r.role, u.people
  FROM unnest(enum_range(NULL::user_status)) AS s (status) CROSS JOIN unnest(enum_range(NULL::user_role)) AS r (role)
    JOIN (SELECT filing, count(*) AS people FROM users GROUP BY filing) u ON u.filing = user_filing(s.status, r.role)
  WHERE (SELECT viewer_is_admin())
$$;

-- What there is now.
CREATE FUNCTION present_figures(p_now timestamptz)
RETURNS TABLE (active_models bigint, open_sessions bigint, queued_mails bigint, failed_mails bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
  SELECT (SELECT count(*) FROM models WHERE status = 'ACTIVE'),
    (SELECT count(*) FROM sessions WHERE revoked_at IS NULL AND expires_at > p_now),
    (SELECT count(*) FROM mails WHERE status = 'QUEUED'), (SELECT count(*) FROM mails WHERE status = 'FAILED')
  WHERE viewer_is_admin()
$$;

-- What there was from p_from on and before p_to: orders that came, and audit records of these actions.
CREATE FUNCTION day_figures(p_from timestamptz, p_to timestamptz, p_actions text[])
RETURNS TABLE (orders bigint, records bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET enable_bitmapscan = on SET jit = off SET plan_cache_mode = force_custom_plan AS $$
  SELECT (SELECT count(*) FROM orders WHERE created_at >= p_from AND created_at < p_to),
    (SELECT count(*) FROM audit_records
     WHERE action = ANY (p_actions) AND occurred_at >= p_from AND occurred_at < p_to)
  WHERE viewer_is_admin()
$$;

-- What was traded in that time, by currency. Corrections of records are no trades.
CREATE FUNCTION trading_figures(p_from timestamptz, p_to timestamptz)
RETURNS TABLE (currency text, trades bigint, volume numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET enable_bitmapscan = on SET jit = off SET plan_cache_mode = force_custom_plan AS $$
  SELECT i.currency, sum(t.trades)::bigint, sum(t.volume)
  FROM (
    SELECT instrument_id, count(*) AS trades, sum(price * quantity) AS volume FROM trades
    WHERE executed_at >= p_from AND executed_at < p_to AND source <> 'CORRECTION' GROUP BY instrument_id
  ) t JOIN instruments i ON i.id = t.instrument_id
  WHERE (SELECT viewer_is_admin())
  GROUP BY i.currency ORDER BY i.currency
$$;

-- ---- the audit log ----------------------------------------------------------------------------

-- Which of these records are in the chain. The server may not read the seals.
CREATE FUNCTION sealed_records(p_ids uuid[]) RETURNS TABLE (record_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.record_id FROM audit_seals s WHERE (SELECT viewer_is_admin()) AND s.record_id = ANY (p_ids)
$$;

GRANT CREATE ON SCHEMA public TO tradegraph_overseer, tradegraph_auditor;
ALTER FUNCTION find_users(user_status[], user_role[], kyc_status[], boolean, text, text, text, timestamptz, uuid,
  timestamptz, uuid, boolean, int) OWNER TO tradegraph_overseer;
ALTER FUNCTION count_users(user_status[], user_role[], kyc_status[], boolean, text, text, text)
  OWNER TO tradegraph_overseer;
ALTER FUNCTION people_figures() OWNER TO tradegraph_overseer;
ALTER FUNCTION present_figures(timestamptz) OWNER TO tradegraph_overseer;
ALTER FUNCTION day_figures(timestamptz, timestamptz, text[]) OWNER TO tradegraph_overseer;
ALTER FUNCTION trading_figures(timestamptz, timestamptz) OWNER TO tradegraph_overseer;
ALTER FUNCTION sealed_records(uuid[]) OWNER TO tradegraph_auditor;
REVOKE CREATE ON SCHEMA public FROM tradegraph_overseer, tradegraph_auditor;
REVOKE ALL ON FUNCTION find_users, count_users, people_figures, present_figures, day_figures, trading_figures,
  sealed_records, user_filing, user_filings FROM PUBLIC;
GRANT EXECUTE ON FUNCTION user_filing, user_filings TO tradegraph_overseer;
-- Whoever writes a row of users files it.
GRANT EXECUTE ON FUNCTION user_filing TO tradegraph_eraser, tradegraph_gatekeeper, tradegraph_worker;
GRANT EXECUTE ON FUNCTION find_users, count_users, people_figures, present_figures, day_figures, trading_figures,
  sealed_records TO tradegraph_server;

GRANT SELECT (record_id) ON audit_seals TO tradegraph_auditor;
GRANT SELECT (id, username_key, email_key, filing, kyc_status, sign_up_risks, created_at) ON users
  TO tradegraph_overseer;
GRANT SELECT (status) ON models, mails TO tradegraph_overseer;
GRANT SELECT (revoked_at, expires_at) ON sessions TO tradegraph_overseer;
GRANT SELECT (created_at) ON orders TO tradegraph_overseer;
GRANT SELECT (instrument_id, price, quantity, source, executed_at) ON trades TO tradegraph_overseer;
GRANT SELECT (id, currency) ON instruments TO tradegraph_overseer;
GRANT SELECT (action, occurred_at) ON audit_records TO tradegraph_overseer;
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['audit_records', 'mails', 'models', 'orders', 'sessions', 'trades', 'users'] LOOP
    EXECUTE format('CREATE POLICY overseer ON %I FOR SELECT TO tradegraph_overseer USING (true)', name);
  END LOOP;
END $$;

-- ---- the board of all models ------------------------------------------------------------------

-- As leaderboard_equity, which describes it, of all models that its caller may see, or of public ones alone. It runs
-- with its caller's rights: administrators see everyone's models, the role of the boards public ones.
CREATE FUNCTION board_equity(p_as_of timestamptz, p_since timestamptz, p_is_public boolean)
RETURNS TABLE (model_id uuid, model_name text, version int, owner_id uuid, account_id uuid,
  currency text, opened_at timestamptz, starting_cash numeric, keeps_sessions boolean,
  base numeric, last_at timestamptz, equity numeric, equities float8[],
  oldest_mark_at timestamptz, corrections numeric)
LANGUAGE sql STABLE SET search_path = public, pg_temp
SET jit = off SET plan_cache_mode = force_custom_plan AS $$
WITH board_accounts AS MATERIALIZED (
  SELECT DISTINCT ON (m.id) m.id AS model_id, m.name, m.version, m.owner_id, m.universe,
    a.id AS account_id, a.currency, a.zone, a.starting_cash, a.created_at AS opened_at
  FROM models m JOIN accounts a ON a.model_id = m.id
  WHERE (NOT p_is_public OR m.visibility = 'PUBLIC') AND a.starting_cash > 0 AND a.created_at <= p_as_of
  ORDER BY m.id, a.created_at DESC, a.id DESC
),
-- Accounts with anything that keeps other hours than the exchange of their zone.
around_the_clock AS MATERIALIZED (
  SELECT a.account_id FROM board_accounts a
    CROSS JOIN LATERAL unnest(a.universe) AS s (symbol) JOIN instruments i ON i.symbol = s.symbol
  WHERE i.source <> 'IMPORTED' OR i.zone <> a.zone
  UNION
  SELECT a.account_id FROM board_accounts a JOIN positions p ON p.account_id = a.account_id
    JOIN instruments i ON i.id = p.instrument_id
  WHERE p.opened_at <= p_as_of AND (i.source <> 'IMPORTED' OR i.zone <> a.zone)
),
board AS MATERIALIZED (
  SELECT a.*, a.zone IN (SELECT i.zone FROM instruments i WHERE i.source = 'IMPORTED')
    AND a.account_id NOT IN (SELECT c.account_id FROM around_the_clock c) AS keeps_sessions
  FROM board_accounts a
),
-- Corrections are few and entries are many: each is looked up by its transfer.
jumps AS MATERIALIZED (
  SELECT t.id FROM ledger_transfers t WHERE t.cause = 'CORRECTION'
),
corrected AS MATERIALIZED (
  SELECT e.account_id, sum(e.amount) AS corrections
  FROM jumps j CROSS JOIN LATERAL (
    SELECT l.account_id, l.amount FROM ledger_entries l
    WHERE l.transfer_id = j.id AND l.ledger_account = 'CASH' AND l.occurred_at < p_as_of
    OFFSET 0
  ) e
  GROUP BY e.account_id
)
SELECT b.model_id, b.name, b.version, b.owner_id, b.account_id, b.currency, b.opened_at,
  b.starting_cash, b.keeps_sessions, coalesce(s.base, b.starting_cash), s.last_at,
  coalesce(s.equity, b.starting_cash), coalesce(s.equities, '{}'), s.oldest_mark_at,
  coalesce(c.corrections, 0)
FROM board b LEFT JOIN corrected c ON c.account_id = b.account_id
CROSS JOIN LATERAL (
  SELECT (array_agg(d.equity ORDER BY d.at DESC) FILTER (WHERE d.at <= p_since))[1] AS base,
    array_agg(d.equity::float8 ORDER BY d.at) FILTER (WHERE p_since IS NULL OR d.at > p_since)
      AS equities,
    max(d.at) AS last_at, (array_agg(d.equity ORDER BY d.at DESC))[1] AS equity,
    (array_agg(d.oldest_mark_at ORDER BY d.at DESC))[1] AS oldest_mark_at
  FROM (
    -- The close at midnight belongs to the day that it ends.
    SELECT p.at, p.equity, p.oldest_mark_at FROM (
      SELECT q.*, lead(q.day) OVER (ORDER BY q.at) AS next_day FROM (
        SELECT e.at, e.equity, e.oldest_mark_at,
          ((e.at - interval '1 microsecond') AT TIME ZONE b.zone)::date AS day
        FROM equity_points e
        WHERE b.keeps_sessions AND e.account_id = b.account_id
          AND e.at > b.opened_at AND e.at <= p_as_of
      ) q
    ) p WHERE p.next_day IS DISTINCT FROM p.day
    UNION ALL
    SELECT n.at, coalesce(e.equity, b.starting_cash), e.oldest_mark_at
    FROM (
      SELECT generate_series(
        greatest(date_trunc('day', b.opened_at, 'UTC') + interval '24 hours',
          date_trunc('day', p_since, 'UTC')),
        p_as_of - interval '1 microsecond', interval '24 hours') AS at
      WHERE NOT b.keeps_sessions
      UNION ALL
      SELECT p_as_of WHERE NOT b.keeps_sessions AND p_as_of > b.opened_at
    ) n LEFT JOIN LATERAL (
      SELECT l.equity, l.oldest_mark_at FROM equity_points l
      WHERE l.account_id = b.account_id AND l.at <= n.at ORDER BY l.at DESC LIMIT 1
    ) e ON true
  ) d
) s
ORDER BY b.model_id
$$;

CREATE OR REPLACE FUNCTION leaderboard_equity(p_as_of timestamptz, p_since timestamptz)
RETURNS TABLE (model_id uuid, model_name text, version int, owner_id uuid, account_id uuid,
  currency text, opened_at timestamptz, starting_cash numeric, keeps_sessions boolean,
  base numeric, last_at timestamptz, equity numeric, equities float8[],
  oldest_mark_at timestamptz, corrections numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET plan_cache_mode = force_custom_plan AS $$
  SELECT * FROM board_equity(p_as_of, p_since, true)
$$;
REVOKE ALL ON FUNCTION board_equity(timestamptz, timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION board_equity(timestamptz, timestamptz, boolean) TO tradegraph_boards, tradegraph_server;
