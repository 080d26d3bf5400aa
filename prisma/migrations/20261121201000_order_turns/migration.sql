-- A limit of orders a minute that holds over several accounts is kept by a turn: whoever judges an order under it
-- waits for the one before to be committed, and counts after that. Taken for such limits alone, and until the end of the
-- transaction. The lock of the account, which is held, is the turn of its own limit. See portfolio/locks.ts.
-- VOLATILE, so that what counts sees what was committed while it waited: a STABLE function sees what its caller saw.
CREATE FUNCTION busy_since_in_turn(p_scope risk_scope, p_owner_id uuid, p_account_id uuid, p_maximum int, p_now timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
BEGIN
  IF p_scope <> 'ACCOUNT' THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(
      'tradegraph.turn ' || p_scope::text || CASE p_scope WHEN 'USER' THEN ' ' || p_owner_id::text ELSE '' END, 0));
  END IF;
  RETURN busy_since(p_scope, p_owner_id, p_account_id, p_maximum, p_now);
END $$;

REVOKE ALL ON FUNCTION busy_since_in_turn FROM PUBLIC;
GRANT EXECUTE ON FUNCTION busy_since_in_turn TO tradegraph_server, tradegraph_worker;
