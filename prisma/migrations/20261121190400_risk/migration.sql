-- What limits and kill switches need of the database besides their tables.

-- The time of the oldest of the newest `p_maximum` orders of the last minute: null while there are fewer. Of all
-- orders of the scope, whoever asks, so that it looks past row-level security and tells no more than that time.
-- Those that were denied for being too many do not count: else waiting would not help.
CREATE FUNCTION busy_since(p_scope risk_scope, p_owner_id uuid, p_account_id uuid, p_maximum int, p_now timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_after timestamptz := p_now - interval '1 minute';
  v_since timestamptz;
BEGIN
  CASE p_scope
    WHEN 'ACCOUNT' THEN
      SELECT o.created_at INTO v_since FROM orders o
      WHERE o.account_id = p_account_id AND o.owner_id = p_owner_id AND o.created_at > v_after
        AND o.reason_code IS DISTINCT FROM 'TOO_MANY_ORDERS'
      ORDER BY o.created_at DESC OFFSET p_maximum - 1 LIMIT 1;
    WHEN 'USER' THEN
      SELECT o.created_at INTO v_since FROM orders o
      WHERE o.owner_id = p_owner_id AND o.created_at > v_after
        AND o.reason_code IS DISTINCT FROM 'TOO_MANY_ORDERS'
      ORDER BY o.created_at DESC OFFSET p_maximum - 1 LIMIT 1;
    ELSE
      SELECT o.created_at INTO v_since FROM orders o
      WHERE o.created_at > v_after AND o.reason_code IS DISTINCT FROM 'TOO_MANY_ORDERS'
      ORDER BY o.created_at DESC OFFSET p_maximum - 1 LIMIT 1;
  END CASE;
  RETURN v_since;
END $$;

GRANT CREATE ON SCHEMA public TO tradegraph_gatekeeper;
ALTER FUNCTION busy_since(risk_scope, uuid, uuid, int, timestamptz) OWNER TO tradegraph_gatekeeper;
REVOKE CREATE ON SCHEMA public FROM tradegraph_gatekeeper;
REVOKE ALL ON FUNCTION busy_since FROM PUBLIC;
GRANT EXECUTE ON FUNCTION busy_since TO tradegraph_server, tradegraph_worker;
GRANT SELECT (account_id, owner_id, created_at, reason_code) ON orders TO tradegraph_gatekeeper;
CREATE POLICY gatekeeper_counts ON orders FOR SELECT TO tradegraph_gatekeeper USING (true);

-- A key for tests is told of what holds for its paper accounts, and changes that alone.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['risk_limits', 'kill_switches'] LOOP
    EXECUTE format('CREATE POLICY test_keys_read ON %I AS RESTRICTIVE FOR SELECT TO tradegraph_server
      USING (NOT (SELECT viewer_has_test_key()) OR account_id IS NULL
        OR account_id IN (SELECT a.id FROM test_key_accounts() AS a (id)))', name);
    EXECUTE format('CREATE POLICY test_keys_insert ON %I AS RESTRICTIVE FOR INSERT TO tradegraph_server
      WITH CHECK (NOT (SELECT viewer_has_test_key())
        OR account_id IN (SELECT a.id FROM test_key_accounts() AS a (id)))', name);
    EXECUTE format('CREATE POLICY test_keys_update ON %I AS RESTRICTIVE FOR UPDATE TO tradegraph_server
      USING (NOT (SELECT viewer_has_test_key())
        OR account_id IN (SELECT a.id FROM test_key_accounts() AS a (id)))', name);
  END LOOP;
END $$;
CREATE POLICY test_keys_delete ON risk_limits AS RESTRICTIVE FOR DELETE TO tradegraph_server
  USING (NOT (SELECT viewer_has_test_key()));

-- What administrators halt is told to whom it holds for.
CREATE POLICY admin_tells_of_switches ON outbox FOR INSERT TO tradegraph_server
  WITH CHECK ((SELECT viewer_is_admin()) AND type IN ('KillSwitchChanged', 'RiskLimitsChanged'));

-- The gate asks for them with every order: by the owner, since row-level security lets no enum into an index.
CREATE INDEX risk_limits_owner ON risk_limits (owner_id, account_id);
CREATE INDEX kill_switches_owner ON kill_switches (owner_id, account_id);
