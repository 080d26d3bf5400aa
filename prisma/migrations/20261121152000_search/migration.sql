-- Search in what models thought and in the news. PostgreSQL finds words by a GIN index, which only bitmaps can use,
-- and under row-level security it tests no words at all before it knows whose a row is. So both searches are functions
-- with settings and, for the log, rights of their own.
-- docs/decisions/2026-11-21-words-are-found-by-functions.md has the figures.

-- ---- words ----------------------------------------------------------------------------------

-- The text in a form whose words the parser finds, whatever the locale of the database: signs beyond ASCII, which the
-- locale C takes for letters, become spaces; Chinese, Japanese and Korean characters become words of their own.
-- No more than 50,000 characters of a text are indexed: their words fit into a tsvector, which holds 1 MB (the worst
-- of many made-up texts took 340 kB).
CREATE FUNCTION spaced_words(p_text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(left(p_text, 50000),
    '([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff])'
    '|[\u2000-\u2bff\u3000-\u303f\ufe30-\ufe4f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]'
    '|[\U0001f000-\U0001faff]',
    ' \1 ', 'g')
$$;

-- The words of a line of a model's log, and the model itself as one more word, so that one index finds the words of one
-- model. It begins with a space, as no word of a text does.
CREATE FUNCTION agent_log_words(p_model_id uuid, p_content text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_tsvector('english', public.spaced_words(p_content)) || array_to_tsvector(ARRAY[' ' || p_model_id::text])
$$;

-- The words of an article, and its symbols in the same manner.
CREATE FUNCTION news_words(p_symbols text[], p_title text, p_summary text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_tsvector('english', public.spaced_words(p_title || ' . ' || p_summary))
    || array_to_tsvector(ARRAY(SELECT ' ' || s FROM unnest(p_symbols) s WHERE s IS NOT NULL))
$$;

-- What somebody looks for, in the manner of search engines: words, "phrases", or, -not.
CREATE FUNCTION searched_words(p_search text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT websearch_to_tsquery('english', public.spaced_words(p_search))
$$;

-- The same without the order of the words in a phrase, which the index does not know: it finds at least as many. To
-- look at the order, the words of each text have to be found anew. What is left out by a phrase stays as it is.
CREATE FUNCTION without_order(p_words tsquery) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_words::text ~ '!' THEN p_words
    ELSE regexp_replace(p_words::text, '<(-|\d+)>', '&', 'g')::tsquery END
$$;

-- To find the words of 10 MB of log takes longer than to import it. So a line comes in without, and the worker has it
-- indexed a moment later, by setting this. Until then a search looks at the line itself, through the second index.
ALTER TABLE agent_log ADD COLUMN is_indexed boolean NOT NULL DEFAULT false;
CREATE INDEX agent_log_words_idx ON agent_log USING gin (agent_log_words(model_id, content)) WHERE is_indexed;
CREATE INDEX agent_log_not_indexed_idx ON agent_log (model_id) WHERE NOT is_indexed;
GRANT UPDATE (is_indexed) ON agent_log TO tradegraph_worker;
CREATE INDEX news_articles_words_idx ON news_articles USING gin (news_words(symbols, title, summary));

-- ---- the log of a model ---------------------------------------------------------------------

-- Runs as tradegraph_search: a role that sees every line, so that nothing stands between it and the index, and no more
-- columns than it needs. So these functions say themselves whose log the viewer may read: visible_logs, of agent_log.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tradegraph_search') THEN
    BEGIN
      CREATE ROLE tradegraph_search NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('GRANT tradegraph_search TO %I', current_user);
  END IF;
END $$;
GRANT USAGE ON SCHEMA public TO tradegraph_search;
GRANT SELECT (id, owner_id, visibility, log_visibility) ON models TO tradegraph_search;
GRANT SELECT (id, model_id, date, occurred_at, content, is_indexed) ON agent_log TO tradegraph_search;
CREATE POLICY search ON models FOR SELECT TO tradegraph_search USING (true);
CREATE POLICY search ON agent_log FOR SELECT TO tradegraph_search USING (true);

-- Lines of a model's log, newest first (oldest first when backward), that have the words and each of the fragments as
-- it is, lie between the keys, both left out, and in the time; no more than p_limit. None when the viewer may not read
-- the log, or the search has no word.
--
-- A word that many lines have would be found thousands of times to show twenty of them. So the newest lines are looked
-- through first, a few more than are asked for, and only when those are not enough does the index find all others.
CREATE FUNCTION search_agent_log(
  p_model_id uuid, p_search text, p_fragments text[], p_date date, p_from timestamptz, p_to timestamptz,
  p_after_at timestamptz, p_after_id uuid, p_before_at timestamptz, p_before_id uuid,
  p_limit int, p_is_backward boolean
) RETURNS TABLE (id uuid, occurred_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = public, pg_temp SET enable_bitmapscan = on SET enable_seqscan = off SET jit = off AS $$
DECLARE
  -- Looked through without the index: twice the page, and about so many characters, which takes 5 ms.
  c_characters_max constant int := 40000;
  v_words tsquery := searched_words(p_search) && quote_literal(' ' || p_model_id::text)::tsquery;
  v_found_words tsquery := without_order(v_words);
  v_is_found boolean := v_found_words = v_words AND cardinality(p_fragments) = 0;
  v_direction text := CASE WHEN p_is_backward THEN 'ASC' ELSE 'DESC' END;
  v_where text := 'l.model_id = $1';
  v_line record;
  v_content text;
  v_characters int := 0;
  v_looked int := 0;
  v_left int := p_limit;
BEGIN
  IF numnode(searched_words(p_search)) = 0 OR NOT EXISTS (
    SELECT 1 FROM models m WHERE m.id = p_model_id AND (m.owner_id = viewer_id() OR viewer_is_admin()
      OR (m.visibility = 'PUBLIC' AND m.log_visibility = 'PUBLIC'))) THEN
    RETURN;
  END IF;
  IF p_date IS NOT NULL THEN v_where := v_where || ' AND l.date = $2'; END IF;
  IF p_from IS NOT NULL THEN v_where := v_where || ' AND l.occurred_at >= $3'; END IF;
  IF p_to IS NOT NULL THEN v_where := v_where || ' AND l.occurred_at < $4'; END IF;
  IF p_after_id IS NOT NULL THEN v_where := v_where || ' AND (l.occurred_at, l.id) < ($5, $6)'; END IF;
  IF p_before_id IS NOT NULL THEN v_where := v_where || ' AND (l.occurred_at, l.id) > ($7, $8)'; END IF;

  FOR v_line IN EXECUTE format(
      'SELECT l.id, l.occurred_at, l.content FROM agent_log l WHERE %s
       ORDER BY l.occurred_at %2$s, l.id %2$s LIMIT $9', v_where, v_direction)
    USING p_model_id, p_date, p_from, p_to, p_after_at, p_after_id, p_before_at, p_before_id, 2 * p_limit
  LOOP
    v_looked := v_looked + 1;
    v_characters := v_characters + least(octet_length(v_line.content), 50000);
    id := v_line.id;
    occurred_at := v_line.occurred_at;
    IF v_line.content LIKE ALL (p_fragments) AND agent_log_words(p_model_id, v_line.content) @@ v_words THEN
      v_left := v_left - 1;
      RETURN NEXT;
    END IF;
    EXIT WHEN v_left = 0 OR v_characters > c_characters_max;
  END LOOP;
  IF v_left = 0 OR (v_looked < 2 * p_limit AND v_characters <= c_characters_max) THEN
    RETURN;
  END IF;

  -- What is left lies beyond the last line that was looked at. MATERIALIZED: the index finds the words before all else,
  -- where the planner would rather walk the lines in their order, or those of a day, and find the words of each anew.
  FOR v_line IN EXECUTE format(
      'WITH found AS MATERIALIZED (
         SELECT l.id, l.model_id, l.date, l.occurred_at FROM agent_log l
         WHERE l.is_indexed AND agent_log_words(l.model_id, l.content) @@ $10
         UNION ALL
         SELECT l.id, l.model_id, l.date, l.occurred_at FROM agent_log l
         WHERE NOT l.is_indexed AND l.model_id = $1 AND agent_log_words(l.model_id, l.content) @@ $10)
       SELECT l.id, l.occurred_at FROM found l WHERE %1$s AND (l.occurred_at, l.id) %2$s ($11, $12)
       ORDER BY l.occurred_at %3$s, l.id %3$s LIMIT $9',
      v_where, CASE WHEN p_is_backward THEN '>' ELSE '<' END, v_direction)
    USING p_model_id, p_date, p_from, p_to, p_after_at, p_after_id, p_before_at, p_before_id,
      CASE WHEN v_is_found THEN v_left END, v_found_words, occurred_at, id
  LOOP
    id := v_line.id;
    occurred_at := v_line.occurred_at;
    IF NOT v_is_found THEN
      SELECT l.content INTO v_content FROM agent_log l WHERE l.id = v_line.id;
      CONTINUE WHEN NOT (v_content LIKE ALL (p_fragments) AND agent_log_words(p_model_id, v_content) @@ v_words);
    END IF;
    v_left := v_left - 1;
    RETURN NEXT;
    EXIT WHEN v_left = 0;
  END LOOP;
END $$;

-- How many lines there are of them in all.
CREATE FUNCTION count_agent_log(
  p_model_id uuid, p_search text, p_fragments text[], p_date date, p_from timestamptz, p_to timestamptz
) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET enable_bitmapscan = on SET enable_seqscan = off SET jit = off
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  v_words tsquery := searched_words(p_search) && quote_literal(' ' || p_model_id::text)::tsquery;
  v_found_words tsquery := without_order(v_words);
  v_is_found boolean := v_found_words = v_words;
BEGIN
  IF numnode(searched_words(p_search)) = 0 OR NOT EXISTS (
    SELECT 1 FROM models m WHERE m.id = p_model_id AND (m.owner_id = viewer_id() OR viewer_is_admin()
      OR (m.visibility = 'PUBLIC' AND m.log_visibility = 'PUBLIC'))) THEN
    RETURN 0;
  END IF;
  RETURN (
    WITH found AS MATERIALIZED (
      SELECT l.model_id, l.date, l.occurred_at FROM agent_log l
      WHERE l.is_indexed AND agent_log_words(l.model_id, l.content) @@ v_found_words
        AND (cardinality(p_fragments) = 0 OR l.content LIKE ALL (p_fragments))
        AND (v_is_found OR agent_log_words(l.model_id, l.content) @@ v_words)
      UNION ALL
      SELECT l.model_id, l.date, l.occurred_at FROM agent_log l
      WHERE NOT l.is_indexed AND l.model_id = p_model_id
        AND (cardinality(p_fragments) = 0 OR l.content LIKE ALL (p_fragments))
        AND agent_log_words(l.model_id, l.content) @@ v_words)
    SELECT count(*)::int FROM found l
    WHERE (p_date IS NULL OR l.date = p_date)
      AND (p_from IS NULL OR l.occurred_at >= p_from)
      AND (p_to IS NULL OR l.occurred_at < p_to));
END $$;

GRANT CREATE ON SCHEMA public TO tradegraph_search;
ALTER FUNCTION search_agent_log(uuid, text, text[], date, timestamptz, timestamptz, timestamptz, uuid, timestamptz,
  uuid, int, boolean) OWNER TO tradegraph_search;
ALTER FUNCTION count_agent_log(uuid, text, text[], date, timestamptz, timestamptz) OWNER TO tradegraph_search;
REVOKE CREATE ON SCHEMA public FROM tradegraph_search;

-- ---- the news -------------------------------------------------------------------------------

-- What of the news is meant: any of the symbols, and the words. Null for all of it.
CREATE FUNCTION wanted_news(p_symbols text[], p_search text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN p_symbols IS NULL THEN searched_words(p_search)
    WHEN p_search IS NULL THEN symbols.wanted
    -- No words at all find nothing; && would take them for no condition.
    WHEN numnode(searched_words(p_search)) = 0 THEN ''::tsquery
    ELSE symbols.wanted && searched_words(p_search)
  END
  -- Quoted as a tsquery has it: quote_literal would write E'…' around a backslash.
  FROM (SELECT coalesce(string_agg(
          ''' ' || replace(replace(s, '\', '\\'), '''', '''''') || '''', ' | '), '')::tsquery AS wanted
        FROM unnest(p_symbols) s) symbols
$$;

-- Articles as they were known at p_as_of, newest first (oldest first when backward), that have any of the symbols and
-- the words, were published between the keys, both left out, and in the time; no more than p_limit. It looks through
-- the newest first, as search_agent_log does. Everyone's rows: it runs with the rights of whoever calls it.
CREATE FUNCTION find_news(
  p_as_of timestamptz, p_symbols text[], p_search text, p_from timestamptz, p_to timestamptz,
  p_after_at timestamptz, p_after_id uuid, p_before_at timestamptz, p_before_id uuid,
  p_limit int, p_is_backward boolean
) RETURNS TABLE (id uuid, known_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 20
SET search_path = public, pg_temp SET enable_bitmapscan = on SET enable_seqscan = off SET jit = off AS $$
DECLARE
  v_wanted tsquery := wanted_news(p_symbols, p_search);
  v_direction text := CASE WHEN p_is_backward THEN 'ASC' ELSE 'DESC' END;
  -- An article that was corrected by then is shown as corrected, once.
  v_where text := 'n.known_at <= $1 AND NOT EXISTS (SELECT 1 FROM news_articles m
    WHERE m.id = n.id AND m.known_at > n.known_at AND m.known_at <= $1)';
  v_article record;
  v_looked int := 0;
  v_found int := 0;
BEGIN
  IF numnode(v_wanted) = 0 THEN RETURN; END IF;
  IF p_from IS NOT NULL THEN v_where := v_where || ' AND n.known_at >= $2'; END IF;
  IF p_to IS NOT NULL THEN v_where := v_where || ' AND n.known_at < $3'; END IF;
  IF p_after_id IS NOT NULL THEN v_where := v_where || ' AND (n.known_at, n.id) < ($4, $5)'; END IF;
  IF p_before_id IS NOT NULL THEN v_where := v_where || ' AND (n.known_at, n.id) > ($6, $7)'; END IF;

  FOR v_article IN EXECUTE format(
      'SELECT n.* FROM news_articles n WHERE %s ORDER BY n.known_at %2$s, n.id %2$s LIMIT $8', v_where, v_direction)
    USING p_as_of, p_from, p_to, p_after_at, p_after_id, p_before_at, p_before_id,
      CASE WHEN v_wanted IS NULL THEN p_limit ELSE 2 * p_limit END
  LOOP
    v_looked := v_looked + 1;
    id := v_article.id;
    known_at := v_article.known_at;
    IF v_wanted IS NULL OR news_words(v_article.symbols, v_article.title, v_article.summary) @@ v_wanted THEN
      v_found := v_found + 1;
      RETURN NEXT;
    END IF;
    EXIT WHEN v_found = p_limit;
  END LOOP;
  IF v_wanted IS NULL OR v_found = p_limit OR v_looked < 2 * p_limit THEN RETURN; END IF;

  RETURN QUERY EXECUTE format(
      'WITH found AS MATERIALIZED (
         SELECT n.id, n.known_at FROM news_articles n WHERE news_words(n.symbols, n.title, n.summary) @@ $9)
       SELECT n.id, n.known_at FROM found n WHERE %s AND (n.known_at, n.id) %s ($10, $11)
       ORDER BY n.known_at %3$s, n.id %3$s LIMIT $8',
      v_where, CASE WHEN p_is_backward THEN '>' ELSE '<' END, v_direction)
    USING p_as_of, p_from, p_to, p_after_at, p_after_id, p_before_at, p_before_id, p_limit - v_found, v_wanted,
      known_at, id;
END $$;

-- How many there are of them in all.
CREATE FUNCTION count_news(
  p_as_of timestamptz, p_symbols text[], p_search text, p_from timestamptz, p_to timestamptz
) RETURNS int
LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp SET enable_bitmapscan = on SET jit = off AS $$
DECLARE
  v_wanted tsquery := wanted_news(p_symbols, p_search);
  v_count int;
BEGIN
  IF numnode(v_wanted) = 0 THEN RETURN 0; END IF;
  EXECUTE 'WITH found AS MATERIALIZED (SELECT n.id, n.known_at FROM news_articles n '
      || CASE WHEN v_wanted IS NULL THEN '' ELSE 'WHERE news_words(n.symbols, n.title, n.summary) @@ $4' END
      || ') SELECT count(DISTINCT n.id)::int FROM found n WHERE n.known_at <= $1
      AND NOT EXISTS (SELECT 1 FROM news_articles m
        WHERE m.id = n.id AND m.known_at > n.known_at AND m.known_at <= $1)
      AND ($2 IS NULL OR n.known_at >= $2) AND ($3 IS NULL OR n.known_at < $3)'
    INTO v_count USING p_as_of, p_from, p_to, v_wanted;
  RETURN v_count;
END $$;

-- ---- who may call -----------------------------------------------------------------------------

REVOKE ALL ON FUNCTION spaced_words(text), agent_log_words(uuid, text), news_words(text[], text, text),
  searched_words(text), without_order(tsquery), wanted_news(text[], text) FROM PUBLIC;
-- Whoever writes a line computes the entries of the index.
GRANT EXECUTE ON FUNCTION spaced_words(text), agent_log_words(uuid, text) TO tradegraph_worker, tradegraph_search;
GRANT EXECUTE ON FUNCTION spaced_words(text), news_words(text[], text, text) TO tradegraph_worker, tradegraph_server;
GRANT EXECUTE ON FUNCTION searched_words(text), without_order(tsquery) TO tradegraph_search, tradegraph_server;
GRANT EXECUTE ON FUNCTION wanted_news(text[], text) TO tradegraph_server;
GRANT EXECUTE ON FUNCTION viewer_id(), viewer_is_admin() TO tradegraph_search;
REVOKE ALL ON FUNCTION search_agent_log, count_agent_log, find_news, count_news FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_agent_log, count_agent_log, find_news, count_news TO tradegraph_server;
