-- What an event costs on its way to the log.
--
-- A queue that is emptied as fast as it is filled is all dead rows: looking whether it holds any read every
-- page of it, and took longer than the move. Now it is read along its key, by a plan that is made once, and
-- the relay has it swept after every few thousand rows.

ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0, vacuum_truncate = off);
-- A row of these is written over and over: beside its old self there has to be room for the new one.
ALTER TABLE event_topics SET (fillfactor = 60);
ALTER TABLE event_head SET (fillfactor = 20);

-- PostgreSQL 17 and later let others than its owner sweep a table; before, that is left to autovacuum.
DO $$
BEGIN
  IF current_setting('server_version_num')::int >= 170000 THEN
    GRANT MAINTAIN ON outbox TO tradegraph_worker;
  END IF;
END $$;

-- Owners have a row of their own beside the topics: the last position of what is theirs. Asking the log for
-- it means to look into each of its partitions.
ALTER TABLE event_log NO FORCE ROW LEVEL SECURITY;
ALTER TABLE event_topics NO FORCE ROW LEVEL SECURITY;
INSERT INTO event_topics (topic, position)
  SELECT 'owner:' || owner_id, max(position) FROM event_log WHERE owner_id IS NOT NULL GROUP BY owner_id;
ALTER TABLE event_log FORCE ROW LEVEL SECURITY;
ALTER TABLE event_topics FORCE ROW LEVEL SECURITY;

-- Moves up to p_limit committed rows from the outbox to the event log, in the order of their ids, and
-- gives each the next global position, the position before it in its topic and, for the bus alone,
-- the one before it of its owner (0 where there is none). Returns what was moved, by position.
--
-- One statement is one transaction, so a relay that is cut off leaves all of a batch or nothing. The
-- advisory lock lets one relay in at a time; it is taken in a statement of its own, since the next one
-- then sees what the relay before has committed. A row that commits late is moved by a later batch.
--
-- The settings keep one plan, made once, along the keys: with any statistics a queue may have.
CREATE OR REPLACE FUNCTION move_outbox(p_limit int, p_now timestamptz)
RETURNS TABLE ("position" bigint, previous_position bigint, owner_previous_position bigint,
               topic text, owner_id uuid, type text, version int, payload text,
               occurred_at timestamptz, recorded_at timestamptz)
LANGUAGE plpgsql SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  v_ids bigint[];
  v_head bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7243002);
  v_ids := ARRAY(SELECT o.id FROM outbox o ORDER BY o.id LIMIT p_limit);
  -- An idle relay writes nothing.
  IF v_ids = '{}' THEN
    RETURN;
  END IF;
  SELECT h.position INTO STRICT v_head FROM event_head h WHERE h.id = 1;

  RETURN QUERY
  WITH taken AS (
    DELETE FROM outbox o WHERE o.id = ANY (v_ids)
    RETURNING o.id, o.topic, o.owner_id, o.type, o.version, o.payload, o.occurred_at
  ), numbered AS (
    SELECT t.*, v_head + row_number() OVER (ORDER BY t.id) AS new_position,
      'owner:' || t.owner_id AS owner_topic
    FROM taken t
  ), chained AS (
    SELECT n.*,
      lag(n.new_position) OVER (PARTITION BY n.topic COLLATE "C" ORDER BY n.id) AS topic_previous,
      lag(n.new_position) OVER (PARTITION BY n.owner_id ORDER BY n.id) AS owner_previous
    FROM numbered n
  ), head AS (
    UPDATE event_head h SET position = v_head + (SELECT count(*) FROM taken) WHERE h.id = 1
  ), topics AS (
    INSERT INTO event_topics (topic, position)
    SELECT n.topic, max(n.new_position) FROM numbered n GROUP BY n.topic
    UNION ALL
    SELECT n.owner_topic, max(n.new_position) FROM numbered n
    WHERE n.owner_topic IS NOT NULL GROUP BY n.owner_topic
    ON CONFLICT (topic) DO UPDATE SET position = excluded.position
  ), linked AS (
    SELECT c.*,
      coalesce(c.topic_previous,
        (SELECT e.position FROM event_topics e WHERE e.topic = c.topic), 0) AS new_previous
    FROM chained c
  ), logged AS (
    INSERT INTO event_log (position, recorded_at, topic, previous_position, owner_id, type, version,
                           payload, occurred_at)
    SELECT l.new_position, p_now, l.topic, l.new_previous, l.owner_id, l.type, l.version, l.payload,
           l.occurred_at
    FROM linked l
  )
  SELECT l.new_position, l.new_previous,
    CASE WHEN l.owner_id IS NULL THEN 0 ELSE coalesce(l.owner_previous,
      (SELECT e.position FROM event_topics e WHERE e.topic = l.owner_topic), 0) END,
    l.topic, l.owner_id, l.type, l.version, l.payload::text, l.occurred_at, p_now
  FROM linked l ORDER BY l.new_position;
END $$;
