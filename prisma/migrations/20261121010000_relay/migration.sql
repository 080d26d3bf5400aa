-- The relay's one statement, and the floor of the event log.

-- Row 1 is the last position given. Row 2 is the last position that is not kept any more: whoever
-- drops old events moves it in the same transaction, so that a reader with an older cursor is told.
INSERT INTO event_head (id, position) VALUES (2, 0);

-- Moves up to p_limit committed rows from the outbox to the event log, in the order of their ids, and
-- gives each the next global position, the position before it in its topic and, for the bus alone,
-- the one before it of its owner (0 where there is none). Returns what was moved, by position.
--
-- One statement is one transaction, so a relay that is cut off leaves all of a batch or nothing. The
-- advisory lock lets one relay in at a time; it is taken in a statement of its own, since the next one
-- then sees what the relay before has committed. A row that commits late is moved by a later batch.
CREATE FUNCTION move_outbox(p_limit int, p_now timestamptz)
RETURNS TABLE ("position" bigint, previous_position bigint, owner_previous_position bigint,
               topic text, owner_id uuid, type text, version int, payload text,
               occurred_at timestamptz, recorded_at timestamptz)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_head bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7243002);
  -- An idle relay writes nothing.
  IF NOT EXISTS (SELECT FROM outbox) THEN
    RETURN;
  END IF;
  SELECT h.position INTO STRICT v_head FROM event_head h WHERE h.id = 1 FOR UPDATE;

  RETURN QUERY
  WITH taken AS (
    DELETE FROM outbox o
    WHERE o.id = ANY (ARRAY(SELECT i.id FROM outbox i ORDER BY i.id LIMIT p_limit))
    RETURNING o.id, o.topic, o.owner_id, o.type, o.version, o.payload, o.occurred_at
  ), numbered AS (
    SELECT t.*, v_head + row_number() OVER (ORDER BY t.id) AS new_position FROM taken t
  ), chained AS (
    SELECT n.*,
      lag(n.new_position) OVER (PARTITION BY n.topic ORDER BY n.id) AS topic_previous,
      lag(n.new_position) OVER (PARTITION BY n.owner_id ORDER BY n.id) AS owner_previous
    FROM numbered n
  ), head AS (
    UPDATE event_head h SET position = v_head + (SELECT count(*) FROM taken) WHERE h.id = 1
  ), topics AS (
    INSERT INTO event_topics (topic, position)
    SELECT n.topic, max(n.new_position) FROM numbered n GROUP BY n.topic ORDER BY n.topic
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
    FROM linked l ORDER BY l.new_position
  )
  SELECT l.new_position, l.new_previous,
    CASE WHEN l.owner_id IS NULL THEN 0 ELSE coalesce(l.owner_previous,
      (SELECT max(g.position) FROM event_log g WHERE g.owner_id = l.owner_id), 0) END,
    l.topic, l.owner_id, l.type, l.version, l.payload::text, l.occurred_at, p_now
  FROM linked l ORDER BY l.new_position;
END $$;

REVOKE ALL ON FUNCTION move_outbox(int, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION move_outbox(int, timestamptz) TO tradegraph_worker;
