CREATE POLICY gatekeeper ON event_topics FOR SELECT TO tradegraph_gatekeeper USING (true);
GRANT SELECT ON event_topics TO tradegraph_gatekeeper;

-- Where the events of each of these channels end in the log: 0 for one that has none. It tells no more than the
-- relay tells everybody each second. Asked for all streams that begin together, who mostly have nothing to read.
CREATE FUNCTION last_positions(p_channels text[])
RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT array_agg(
    coalesce((SELECT t.position FROM event_topics t WHERE t.topic = c.channel), 0) ORDER BY c.place)
  FROM unnest(p_channels) WITH ORDINALITY AS c (channel, place)
$$;

GRANT CREATE ON SCHEMA public TO tradegraph_gatekeeper;
ALTER FUNCTION last_positions(text[]) OWNER TO tradegraph_gatekeeper;
REVOKE CREATE ON SCHEMA public FROM tradegraph_gatekeeper;
REVOKE ALL ON FUNCTION last_positions(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION last_positions(text[]) TO tradegraph_server, tradegraph_worker;
