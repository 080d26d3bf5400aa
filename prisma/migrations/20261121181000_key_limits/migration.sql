-- Limits of what keys of the API open and how long: they end with the right of their owner to come in, administrators
-- end those of others, and keys for tests see no more of models than of accounts.

-- ---- no key for tests administers -------------------------------------------------------------
-- One that was made for both ends here, and keeps what it may be for.

ALTER TABLE api_keys NO FORCE ROW LEVEL SECURITY;
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()),
    scopes = coalesce(nullif(array_remove(scopes, 'ADMIN'), '{}'), '{READ}')
  WHERE environment = 'TEST' AND 'ADMIN' = ANY (scopes);
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_test_scopes
  CHECK (environment <> 'TEST' OR NOT 'ADMIN' = ANY (scopes));

-- ---- keys end with their owner's way in -------------------------------------------------------

-- As in user_changes, which describes it. When the status changes, keys end as well as sessions: one that leaked would
-- open again what was closed because of it. Answers with how many keys ended.
DROP FUNCTION change_user(uuid, user_role, user_status, timestamptz);
CREATE FUNCTION change_user(p_user_id uuid, p_role user_role, p_status user_status, p_now timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_actor_role user_role;
  v_role user_role;
  v_status user_status;
  v_keys int := 0;
BEGIN
  SELECT role INTO v_actor_role FROM users
    WHERE id = viewer_id() AND status = 'ACTIVE' AND role IN ('ADMIN', 'SUPER_ADMIN');
  SELECT role, status INTO v_role, v_status FROM users WHERE id = p_user_id AND id <> viewer_id();
  IF v_actor_role IS NULL OR v_role IS NULL OR (v_actor_role <> 'SUPER_ADMIN'
     AND (v_role IN ('ADMIN', 'SUPER_ADMIN') OR p_role IN ('ADMIN', 'SUPER_ADMIN'))) THEN
    RAISE EXCEPTION '% may not make % a % who is %', viewer_id(), p_user_id, p_role, p_status
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE users SET role = p_role, status = p_status, token_version = token_version + 1, updated_at = p_now
    WHERE id = p_user_id;
  IF p_status <> v_status THEN
    UPDATE sessions SET revoked_at = p_now WHERE owner_id = p_user_id AND revoked_at IS NULL;
    UPDATE api_keys SET revoked_at = p_now WHERE owner_id = p_user_id AND revoked_at IS NULL;
    GET DIAGNOSTICS v_keys = ROW_COUNT;
  END IF;
  RETURN v_keys;
END $$;

-- Ends a key of another person, and says whether it was open. Refuses as change_user does.
CREATE FUNCTION revoke_api_key(p_id uuid, p_now timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT viewer_is_admin() OR NOT EXISTS (
    SELECT FROM api_keys k JOIN users o ON o.id = k.owner_id JOIN users a ON a.id = viewer_id()
    WHERE k.id = p_id AND o.id <> a.id AND a.status = 'ACTIVE'
      AND (a.role = 'SUPER_ADMIN' OR a.role = 'ADMIN' AND o.role NOT IN ('ADMIN', 'SUPER_ADMIN'))) THEN
    RAISE EXCEPTION '% may not revoke the key %', viewer_id(), p_id USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE api_keys SET revoked_at = p_now WHERE id = p_id AND revoked_at IS NULL;
  RETURN FOUND;
END $$;

GRANT UPDATE (revoked_at) ON api_keys TO tradegraph_gatekeeper;
CREATE POLICY gatekeeper_ends ON api_keys FOR UPDATE TO tradegraph_gatekeeper
  USING (revoked_at IS NULL) WITH CHECK (revoked_at IS NOT NULL);
-- The streams of whoever has the key end.
CREATE POLICY admin_ends_keys ON outbox FOR INSERT TO tradegraph_server
  WITH CHECK ((SELECT viewer_is_admin()) AND type = 'ApiKeyRevoked' AND topic = 'user:' || owner_id);

-- ---- what keys for tests see of models --------------------------------------------------------
-- A model that has an account that is not on paper is out of their reach with its prompt, its log and its news, as the
-- account is. What is public of it everyone sees.

CREATE FUNCTION test_key_sees_log(p_model_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 AS $$
BEGIN
  RETURN test_key_reaches_model(p_model_id) OR EXISTS (
    SELECT FROM models WHERE id = p_model_id AND visibility = 'PUBLIC' AND log_visibility = 'PUBLIC');
END $$;

CREATE OR REPLACE FUNCTION test_key_reaches_topic(p_topic text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 AS $$
BEGIN
  RETURN CASE split_part(p_topic, ':', 1)
    WHEN 'account' THEN test_key_reaches_account(split_part(p_topic, ':', 2)::uuid)
    WHEN 'model' THEN test_key_reaches_model(split_part(p_topic, ':', 2)::uuid)
    ELSE true END;
END $$;

CREATE POLICY test_keys_read ON models AS RESTRICTIVE FOR SELECT TO tradegraph_server
  USING (NOT (SELECT viewer_has_test_key()) OR visibility = 'PUBLIC' OR test_key_reaches_model(id));
CREATE POLICY test_keys ON model_secrets AS RESTRICTIVE TO tradegraph_server
  USING (NOT (SELECT viewer_has_test_key()) OR test_key_reaches_model(model_id));
CREATE POLICY test_keys ON agent_log AS RESTRICTIVE FOR SELECT TO tradegraph_server
  USING (NOT (SELECT viewer_has_test_key()) OR test_key_sees_log(model_id));

-- ---- owners and grants ------------------------------------------------------------------------

GRANT CREATE ON SCHEMA public TO tradegraph_gatekeeper;
ALTER FUNCTION change_user(uuid, user_role, user_status, timestamptz) OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION revoke_api_key(uuid, timestamptz) OWNER TO tradegraph_gatekeeper;
REVOKE CREATE ON SCHEMA public FROM tradegraph_gatekeeper;
REVOKE ALL ON FUNCTION change_user(uuid, user_role, user_status, timestamptz), revoke_api_key(uuid, timestamptz),
  test_key_sees_log(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION change_user(uuid, user_role, user_status, timestamptz), revoke_api_key(uuid, timestamptz),
  test_key_sees_log(uuid) TO tradegraph_server;
