-- The event log in days, so that what is not kept any more is dropped and not deleted.
--
-- Days are made ahead by a job. An event of a day that was not made goes to `events_other`, so that a job that
-- did not run stops nobody; whoever makes that day later takes its events out of there.

DO $$
BEGIN
  BEGIN
    CREATE ROLE tradegraph_archivist NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('GRANT tradegraph_archivist TO %I', current_user);
  END IF;
END $$;

-- The days stand in a schema that nobody else may look into: through the log alone, and its walls.
CREATE SCHEMA event_days;
REVOKE ALL ON SCHEMA event_days FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA event_days TO tradegraph_archivist;
GRANT USAGE ON SCHEMA public TO tradegraph_archivist;

CREATE TABLE event_log_in_days (
  "position" BIGINT NOT NULL,
  "recorded_at" TIMESTAMPTZ(6) NOT NULL,
  "topic" TEXT NOT NULL,
  "previous_position" BIGINT NOT NULL,
  "owner_id" UUID,
  "type" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "payload" JSONB NOT NULL,
  "occurred_at" TIMESTAMPTZ(6) NOT NULL
) PARTITION BY RANGE (recorded_at);
CREATE TABLE event_days.events_other PARTITION OF event_log_in_days DEFAULT;

ALTER TABLE event_log NO FORCE ROW LEVEL SECURITY;
INSERT INTO event_log_in_days (position, recorded_at, topic, previous_position, owner_id, type, version, payload,
    occurred_at)
  SELECT position, recorded_at, topic, previous_position, owner_id, type, version, payload, occurred_at
  FROM event_log;
DROP TABLE event_log;
ALTER TABLE event_log_in_days RENAME TO event_log;
ALTER TABLE event_log ADD CONSTRAINT event_log_pkey PRIMARY KEY (position, recorded_at);
CREATE INDEX event_log_topic_position_idx ON event_log (topic, position);
CREATE INDEX event_log_owner_id_position_idx ON event_log (owner_id, position);

ALTER TABLE event_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_log FORCE ROW LEVEL SECURITY;
CREATE POLICY worker_all ON event_log TO tradegraph_worker USING (true) WITH CHECK (true);
CREATE POLICY eraser ON event_log TO tradegraph_eraser USING (true) WITH CHECK (true);
CREATE POLICY own_and_public_events ON event_log FOR SELECT TO tradegraph_server
  USING (owner_id IS NULL OR owner_id = (SELECT viewer_id()));
CREATE POLICY test_keys ON event_log AS RESTRICTIVE FOR SELECT TO tradegraph_server
  USING (NOT (SELECT viewer_has_test_key()) OR test_key_reaches_topic(topic));
GRANT SELECT ON event_log TO tradegraph_server;
GRANT SELECT, INSERT ON event_log TO tradegraph_worker;
GRANT SELECT (position, recorded_at, owner_id, topic, payload), UPDATE (payload) ON event_log TO tradegraph_eraser;

CREATE POLICY archivist ON event_topics TO tradegraph_archivist USING (true) WITH CHECK (true);
GRANT SELECT, DELETE ON event_topics TO tradegraph_archivist;
GRANT SELECT, UPDATE ON event_head TO tradegraph_archivist;

-- Makes the day of the log that p_day is in UTC, if it is not there. Fails with lock_not_available when readers
-- are in the way for long: it is tried again later, and until then its events go to events_other.
CREATE FUNCTION make_event_day(p_day date)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
  v_name text := 'events_' || to_char(p_day, 'YYYYMMDD');
  v_begin timestamptz := p_day::timestamp AT TIME ZONE 'UTC';
  v_end timestamptz := (p_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
  IF to_regclass('event_days.' || v_name) IS NOT NULL THEN
    RETURN;
  END IF;
  -- Against the relay, which may write events of the day there, and against another who makes the day.
  LOCK TABLE event_days.events_other IN ACCESS EXCLUSIVE MODE;
  IF to_regclass('event_days.' || v_name) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE event_days.%I (LIKE event_log INCLUDING INDEXES)', v_name);
  EXECUTE format('WITH taken AS (
      DELETE FROM event_days.events_other WHERE recorded_at >= $1 AND recorded_at < $2 RETURNING *)
    INSERT INTO event_days.%I SELECT * FROM taken', v_name) USING v_begin, v_end;
  EXECUTE format('ALTER TABLE event_log ATTACH PARTITION event_days.%I FOR VALUES FROM (%L) TO (%L)',
    v_name, v_begin, v_end);
END $$;

-- Drops the oldest day of the log that ended by p_until, or deletes what events_other has of before, and moves
-- the floor in the same transaction. Answers whether there was something to drop.
CREATE FUNCTION drop_event_day(p_until timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
  v_name text;
  v_last bigint;
BEGIN
  SELECT c.relname INTO v_name
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'event_log'::regclass AND c.relname ~ '^events_\d{8}$'
    AND (to_date(substr(c.relname, 8), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC' <= p_until
  ORDER BY c.relname LIMIT 1;
  IF v_name IS NOT NULL THEN
    EXECUTE format('SELECT max(position) FROM event_days.%I', v_name) INTO v_last;
    EXECUTE format('DROP TABLE event_days.%I', v_name);
  ELSE
    WITH gone AS (DELETE FROM event_days.events_other WHERE recorded_at < p_until RETURNING position)
    SELECT max(position) INTO v_last FROM gone;
  END IF;
  UPDATE event_head SET position = v_last WHERE id = 2 AND position < v_last;
  -- What has had no event since needs no link to its last one.
  DELETE FROM event_topics t WHERE t.position <= (SELECT h.position FROM event_head h WHERE h.id = 2);
  RETURN v_name IS NOT NULL OR v_last IS NOT NULL;
END $$;

GRANT CREATE ON SCHEMA public TO tradegraph_archivist;
ALTER TABLE event_log OWNER TO tradegraph_archivist;
ALTER TABLE event_days.events_other OWNER TO tradegraph_archivist;
ALTER FUNCTION make_event_day(date) OWNER TO tradegraph_archivist;
ALTER FUNCTION drop_event_day(timestamptz) OWNER TO tradegraph_archivist;
REVOKE CREATE ON SCHEMA public FROM tradegraph_archivist;
REVOKE ALL ON FUNCTION make_event_day(date), drop_event_day(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_event_day(date), drop_event_day(timestamptz) TO tradegraph_worker;
