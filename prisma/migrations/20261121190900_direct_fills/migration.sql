-- An order that is filled while it is placed: its transaction begins as its viewer, under the walls of the server, and
-- is completed by the worker, who alone books trades. So the worker may have the server's rights in the place of its
-- own, which are more; it does not have both at once.
DO $$
BEGIN
  IF NOT pg_has_role('tradegraph_worker', 'tradegraph_server', 'SET') THEN
    GRANT tradegraph_server TO tradegraph_worker WITH INHERIT FALSE, SET TRUE;
  END IF;
-- Roles are the cluster's: another database may do the same at this moment.
EXCEPTION WHEN unique_violation OR internal_error THEN
  IF NOT pg_has_role('tradegraph_worker', 'tradegraph_server', 'SET') THEN RAISE; END IF;
END $$;

-- Fails (TG001) when the lease is over; else it holds it until the commit, as a fill does. Who takes a lease waits.
CREATE FUNCTION hold_lease(p_instrument_id uuid, p_holder uuid, p_epoch bigint) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM instrument_leases
    WHERE instrument_id = p_instrument_id AND holder = p_holder AND epoch = p_epoch FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the lease of instrument % is over', p_instrument_id USING ERRCODE = 'TG001';
  END IF;
END $$;
REVOKE ALL ON FUNCTION hold_lease FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_lease TO tradegraph_worker;
