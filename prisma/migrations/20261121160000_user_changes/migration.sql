-- What administrators change of people: role and status. The server may update no row of users; these functions do it for
-- an administrator, and look at the rows for who that is, so that a request which began before its own demotion changes
-- nothing any more.

-- People by their status, newest first.
CREATE INDEX "users_status_created_at_id_idx" ON "users"("status", "created_at" DESC, "id" DESC);

-- Locks the viewer and a person in one order: of two administrators who change each other, the second sees what the
-- first did.
CREATE FUNCTION lock_user_change(p_user_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT viewer_is_admin() THEN
    RAISE EXCEPTION 'only administrators change people' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM 1 FROM users WHERE id IN (viewer_id(), p_user_id) ORDER BY id FOR NO KEY UPDATE;
END $$;

-- Gives another person a role and a status. Older access tokens are void; when the status changes, every session ends.
-- Refuses (insufficient_privilege) a viewer who is no active administrator, oneself, and administrators unless the
-- viewer is a SUPER_ADMIN.
CREATE FUNCTION change_user(p_user_id uuid, p_role user_role, p_status user_status, p_now timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_actor_role user_role;
  v_role user_role;
  v_status user_status;
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
  END IF;
END $$;

-- One active SUPER_ADMIN always remains, whoever changes whom: nobody could make another one.
CREATE FUNCTION keep_super_admin() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- One at a time: two who leave at once would each see the other stay.
  PERFORM pg_advisory_xact_lock(hashtextextended('tradegraph.super_admin', 0));
  IF NOT EXISTS (SELECT FROM users WHERE id <> OLD.id AND role = 'SUPER_ADMIN' AND status = 'ACTIVE') THEN
    RAISE EXCEPTION 'the last active SUPER_ADMIN stays' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;

GRANT CREATE ON SCHEMA public TO tradegraph_gatekeeper;
ALTER FUNCTION lock_user_change(uuid) OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION change_user(uuid, user_role, user_status, timestamptz) OWNER TO tradegraph_gatekeeper;
ALTER FUNCTION keep_super_admin() OWNER TO tradegraph_gatekeeper;
REVOKE CREATE ON SCHEMA public FROM tradegraph_gatekeeper;
REVOKE ALL ON FUNCTION lock_user_change(uuid), change_user(uuid, user_role, user_status, timestamptz),
  keep_super_admin() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_user_change(uuid), change_user(uuid, user_role, user_status, timestamptz)
  TO tradegraph_server;

CREATE TRIGGER keep_super_admin_update BEFORE UPDATE OF role, status ON users FOR EACH ROW
  WHEN (OLD.role = 'SUPER_ADMIN' AND OLD.status = 'ACTIVE' AND (NEW.role <> 'SUPER_ADMIN' OR NEW.status <> 'ACTIVE'))
  EXECUTE FUNCTION keep_super_admin();
CREATE TRIGGER keep_super_admin_delete BEFORE DELETE ON users FOR EACH ROW
  WHEN (OLD.role = 'SUPER_ADMIN' AND OLD.status = 'ACTIVE') EXECUTE FUNCTION keep_super_admin();

GRANT UPDATE (role, status, token_version, updated_at) ON users TO tradegraph_gatekeeper;
GRANT UPDATE (revoked_at) ON sessions TO tradegraph_gatekeeper;
CREATE POLICY gatekeeper_ends ON sessions FOR UPDATE TO tradegraph_gatekeeper USING (true) WITH CHECK (true);
-- The change of a person is told to that person's own streams, which it ends.
CREATE POLICY admin_tells ON outbox FOR INSERT TO tradegraph_server
  WITH CHECK ((SELECT viewer_is_admin()) AND type = 'UserChanged' AND topic = 'user:' || owner_id);
