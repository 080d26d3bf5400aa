-- Keys of the API: how one is found by who brings it, and what keys for tests may touch.

-- Whose key it is and what it is for, by the hash of it. The role and the status are those of its owner by now. No
-- row when there is none; one that ended is there, and whoever asks decides.
CREATE FUNCTION find_api_key(p_key_hash bytea)
RETURNS TABLE (id uuid, user_id uuid, role user_role, status user_status, environment api_key_environment,
               scopes api_key_scope[], networks text[], requests_per_minute int, expires_at timestamptz,
               revoked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.id, u.id, u.role, u.status, k.environment, k.scopes, k.networks, k.requests_per_minute, k.expires_at,
    k.revoked_at
  FROM api_keys k JOIN users u ON u.id = k.owner_id WHERE k.key_hash = p_key_hash
$$;

GRANT SELECT ON api_keys TO tradegraph_gatekeeper;
CREATE POLICY gatekeeper ON api_keys FOR SELECT TO tradegraph_gatekeeper USING (true);

-- ---- keys for tests ---------------------------------------------------------------------------
-- They reach paper accounts and what belongs to them, whoever's they are. Each transaction of a request says for itself
-- which kind of key it came with; for everyone else the subselect is false, once a statement, and no function is
-- called. The functions are opaque and cheap to the planner, so that what everyone asks is planned as before.

CREATE FUNCTION viewer_has_test_key() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT coalesce(current_setting('app.api_key_environment', true), '') = 'TEST' $$;

-- Read once for a statement that looks at many rows, and only if it was asked with such a key.
CREATE FUNCTION test_key_accounts() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 ROWS 100 AS $$
BEGIN
  RETURN QUERY SELECT id FROM accounts WHERE kind = 'PAPER';
END $$;

CREATE FUNCTION test_key_reaches_account(p_account_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 AS $$
BEGIN
  RETURN EXISTS (SELECT FROM accounts WHERE id = p_account_id AND kind = 'PAPER');
END $$;

CREATE FUNCTION test_key_reaches_order(p_order_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 AS $$
BEGIN
  RETURN EXISTS (SELECT FROM orders WHERE id = p_order_id);
END $$;

-- A transfer that moved cash of an account that is reached.
CREATE FUNCTION test_key_reaches_transfer(p_transfer_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 AS $$
BEGIN
  RETURN EXISTS (SELECT FROM ledger_entries WHERE transfer_id = p_transfer_id);
END $$;

CREATE FUNCTION test_key_reaches_topic(p_topic text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 AS $$
BEGIN
  RETURN p_topic NOT LIKE 'account:%' OR test_key_reaches_account(substr(p_topic, 9)::uuid);
END $$;

-- A model without an account that is not on paper. Looks past row-level security, which would hide such an account.
CREATE FUNCTION test_key_reaches_model(p_model_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER COST 1 SET search_path = public, pg_temp AS $$
BEGIN
  RETURN NOT EXISTS (SELECT FROM accounts WHERE model_id = p_model_id AND kind <> 'PAPER');
END $$;

CREATE POLICY test_keys ON accounts AS RESTRICTIVE TO tradegraph_server
  USING (NOT (SELECT viewer_has_test_key()) OR kind = 'PAPER');
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['equity_points', 'orders', 'positions', 'trades'] LOOP
    EXECUTE format('CREATE POLICY test_keys ON %I AS RESTRICTIVE TO tradegraph_server
      USING (NOT (SELECT viewer_has_test_key()) OR account_id IN (SELECT a.id FROM test_key_accounts() AS a (id)))', name);
  END LOOP;
END $$;
-- An order is not there yet when its first line of history is written, in one statement with it.
CREATE POLICY test_keys ON order_events AS RESTRICTIVE FOR SELECT TO tradegraph_server
  USING (NOT (SELECT viewer_has_test_key()) OR test_key_reaches_order(order_id));
CREATE POLICY test_keys ON ledger_entries AS RESTRICTIVE TO tradegraph_server
  USING (NOT (SELECT viewer_has_test_key()) OR account_id IN (SELECT a.id FROM test_key_accounts() AS a (id)));
CREATE POLICY test_keys ON ledger_transfers AS RESTRICTIVE TO tradegraph_server
  USING (NOT (SELECT viewer_has_test_key()) OR test_key_reaches_transfer(id));
CREATE POLICY test_keys ON event_log AS RESTRICTIVE FOR SELECT TO tradegraph_server
  USING (NOT (SELECT viewer_has_test_key()) OR test_key_reaches_topic(topic));
-- Who starts a model trades on its account.
CREATE POLICY test_keys ON models AS RESTRICTIVE FOR UPDATE TO tradegraph_server
  USING (NOT (SELECT viewer_has_test_key()) OR test_key_reaches_model(id));

-- ---- owners and grants ------------------------------------------------------------------------

GRANT CREATE ON SCHEMA public TO tradegraph_gatekeeper, tradegraph_ledger;
ALTER FUNCTION find_api_key(bytea) OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION test_key_reaches_model(uuid) OWNER TO tradegraph_ledger;
REVOKE CREATE ON SCHEMA public FROM tradegraph_gatekeeper, tradegraph_ledger;
REVOKE ALL ON FUNCTION find_api_key(bytea), viewer_has_test_key(), test_key_accounts(), test_key_reaches_account(uuid),
  test_key_reaches_order(uuid), test_key_reaches_transfer(uuid), test_key_reaches_topic(text),
  test_key_reaches_model(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_api_key(bytea), viewer_has_test_key(), test_key_accounts(), test_key_reaches_account(uuid),
  test_key_reaches_order(uuid), test_key_reaches_transfer(uuid), test_key_reaches_topic(text),
  test_key_reaches_model(uuid) TO tradegraph_server;
