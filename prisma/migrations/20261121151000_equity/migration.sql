-- What accounts were worth, read: packed for a curve, and by days for the board. Points are computed once and read
-- often, so the board no longer values every trade at every close of everybody.

-- A curve reads thousands of points to draw some hundreds. So a point lies packed in an index as well: its time as
-- microseconds since 2000 (64 bits, two's complement), then its equity as an IEEE double, both with the highest byte
-- first. The table is not touched, and nothing is converted: of 100,000 points, that took a third of the time. The
-- columns included are what the planner wants to see before it takes an expression from an index.
CREATE INDEX equity_points_packed
  ON equity_points (account_id, at, (timestamptz_send(at) || float8send(equity::float8)))
  INCLUDE (owner_id, equity);

-- The points of an account from p_from to p_to in order of time, 16 bytes each as above, in base64. Rows one by one
-- take many times as long on their way to the program, and one long text would be copied there as it grows: so there
-- is a row for each 4,095 points. The caller's row-level security decides what is seen.
-- The second key orders nothing, since times differ: without it, a planner that has no statistics yet prefers the
-- index of the primary key, and reads the table.
CREATE FUNCTION equity_series(p_account_id uuid, p_from timestamptz, p_to timestamptz)
RETURNS SETOF text LANGUAGE sql STABLE SET jit = off SET enable_bitmapscan = off AS $$
  SELECT encode(substr(whole.packed, place + 1, 65520), 'base64')
  FROM (
    SELECT string_agg(packed, '') AS packed
    FROM (SELECT timestamptz_send(at) || float8send(equity::float8) AS packed FROM equity_points
      WHERE account_id = p_account_id AND at >= p_from AND at <= p_to
      ORDER BY at, timestamptz_send(at) || float8send(equity::float8)) AS points
  ) AS whole, generate_series(0, octet_length(whole.packed) - 1, 65520) AS place
  ORDER BY place
$$;

-- ---- the curve of a public model ------------------------------------------------------------
-- For anyone. The policies of tradegraph_boards show it public models and what belongs to them, so that the id of
-- another account finds nothing.

-- The newest account of a public model, and when its newest point is, rounded up to what the program's times keep.
-- No row for any other model.
CREATE FUNCTION public_equity_account(p_model_id uuid)
RETURNS TABLE (account_id uuid, currency text, starting_cash numeric, opened_at timestamptz,
  newest_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.id, a.currency, a.starting_cash, a.created_at,
    (SELECT date_trunc('milliseconds', e.at + interval '999 microseconds')
      FROM equity_points e WHERE e.account_id = a.id ORDER BY e.at DESC LIMIT 1)
  FROM models m JOIN accounts a ON a.model_id = m.id
  WHERE m.id = p_model_id AND m.visibility = 'PUBLIC'
  ORDER BY a.created_at DESC, a.id DESC LIMIT 1
$$;

CREATE FUNCTION public_equity_series(p_account_id uuid, p_from timestamptz, p_to timestamptz)
RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM equity_series(p_account_id, p_from, p_to)
$$;

CREATE FUNCTION public_equity_rows(p_account_id uuid, p_times timestamptz[])
RETURNS TABLE (at timestamptz, cash numeric, cost numeric, equity numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.at, e.cash, e.cost, e.equity FROM equity_points e
  WHERE e.account_id = p_account_id AND e.at = ANY (p_times) ORDER BY e.at
$$;

-- ---- the board ------------------------------------------------------------------------------

DROP FUNCTION leaderboard_equity(timestamptz);
-- It reads no trade and no price any more.
DROP POLICY public_boards ON trades;
REVOKE SELECT (id, account_id, instrument_id, side, quantity, price, executed_at) ON trades
  FROM tradegraph_boards;
REVOKE SELECT ON bars FROM tradegraph_boards;

-- That there was a correction, of somebody with a public model; whose, and how much, is in its entries, which are
-- shown of public models' accounts alone.
GRANT SELECT (id, cause) ON ledger_transfers TO tradegraph_boards;
CREATE POLICY public_boards ON ledger_transfers FOR SELECT TO tradegraph_boards
  USING (cause = 'CORRECTION' AND owner_id IN (SELECT m.owner_id FROM models m));
GRANT SELECT (transfer_id) ON ledger_entries TO tradegraph_boards;

-- The daily equity of every public model from p_since (from its opening, when that is null) until p_as_of: one row
-- a model, of its newest account.
--
-- An account keeps the sessions of its exchange when all that the model may trade, or has held, is imported and of
-- the account's zone: its days are those of its zone that have a point, each with its last one. All else trades
-- around the clock: its days end with the days in UTC, and the last one at p_as_of, each with the last point by
-- then, or the starting cash before the first. `base` is the last daily value at or before p_since, the starting cash
-- when there is none; `equities` are the ones after it, in floating point for statistics; `equity` is the last one
-- of all, and `oldest_mark_at` the time of its oldest price, null when nothing is held. `corrections`: cash that came
-- from nowhere before p_as_of, as points count what happened before their time, since the records jump by it.
--
-- Each account is read by itself, along the index of its points: there is nothing for the planner to guess.
CREATE FUNCTION leaderboard_equity(p_as_of timestamptz, p_since timestamptz)
RETURNS TABLE (model_id uuid, model_name text, version int, owner_id uuid, account_id uuid,
  currency text, opened_at timestamptz, starting_cash numeric, keeps_sessions boolean,
  base numeric, last_at timestamptz, equity numeric, equities float8[],
  oldest_mark_at timestamptz, corrections numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET plan_cache_mode = force_custom_plan AS $$
WITH public_accounts AS MATERIALIZED (
  SELECT DISTINCT ON (m.id) m.id AS model_id, m.name, m.version, m.owner_id, m.universe,
    a.id AS account_id, a.currency, a.zone, a.starting_cash, a.created_at AS opened_at
  FROM models m JOIN accounts a ON a.model_id = m.id
  WHERE m.visibility = 'PUBLIC' AND a.starting_cash > 0 AND a.created_at <= p_as_of
  ORDER BY m.id, a.created_at DESC, a.id DESC
),
-- Accounts with anything that keeps other hours than the exchange of their zone.
around_the_clock AS MATERIALIZED (
  SELECT a.account_id FROM public_accounts a
    CROSS JOIN LATERAL unnest(a.universe) AS s (symbol) JOIN instruments i ON i.symbol = s.symbol
  WHERE i.source <> 'IMPORTED' OR i.zone <> a.zone
  UNION
  SELECT a.account_id FROM public_accounts a JOIN positions p ON p.account_id = a.account_id
    JOIN instruments i ON i.id = p.instrument_id
  WHERE p.opened_at <= p_as_of AND (i.source <> 'IMPORTED' OR i.zone <> a.zone)
),
board AS MATERIALIZED (
  SELECT a.*, a.zone IN (SELECT i.zone FROM instruments i WHERE i.source = 'IMPORTED')
    AND a.account_id NOT IN (SELECT c.account_id FROM around_the_clock c) AS keeps_sessions
  FROM public_accounts a
),
-- Corrections are few and entries are many: each is looked up by its transfer.
jumps AS MATERIALIZED (
  SELECT t.id FROM ledger_transfers t WHERE t.cause = 'CORRECTION'
),
corrected AS MATERIALIZED (
  SELECT e.account_id, sum(e.amount) AS corrections
  FROM jumps j CROSS JOIN LATERAL (
    SELECT l.account_id, l.amount FROM ledger_entries l
    WHERE l.transfer_id = j.id AND l.ledger_account = 'CASH' AND l.occurred_at < p_as_of
    OFFSET 0
  ) e
  GROUP BY e.account_id
)
SELECT b.model_id, b.name, b.version, b.owner_id, b.account_id, b.currency, b.opened_at,
  b.starting_cash, b.keeps_sessions, coalesce(s.base, b.starting_cash), s.last_at,
  coalesce(s.equity, b.starting_cash), coalesce(s.equities, '{}'), s.oldest_mark_at,
  coalesce(c.corrections, 0)
FROM board b LEFT JOIN corrected c ON c.account_id = b.account_id
CROSS JOIN LATERAL (
  SELECT (array_agg(d.equity ORDER BY d.at DESC) FILTER (WHERE d.at <= p_since))[1] AS base,
    array_agg(d.equity::float8 ORDER BY d.at) FILTER (WHERE p_since IS NULL OR d.at > p_since)
      AS equities,
    max(d.at) AS last_at, (array_agg(d.equity ORDER BY d.at DESC))[1] AS equity,
    (array_agg(d.oldest_mark_at ORDER BY d.at DESC))[1] AS oldest_mark_at
  FROM (
    -- The close at midnight belongs to the day that it ends.
    SELECT p.at, p.equity, p.oldest_mark_at FROM (
      SELECT q.*, lead(q.day) OVER (ORDER BY q.at) AS next_day FROM (
        SELECT e.at, e.equity, e.oldest_mark_at,
          ((e.at - interval '1 microsecond') AT TIME ZONE b.zone)::date AS day
        FROM equity_points e
        WHERE b.keeps_sessions AND e.account_id = b.account_id
          AND e.at > b.opened_at AND e.at <= p_as_of
      ) q
    ) p WHERE p.next_day IS DISTINCT FROM p.day
    UNION ALL
    SELECT n.at, coalesce(e.equity, b.starting_cash), e.oldest_mark_at
    FROM (
      SELECT generate_series(
        greatest(date_trunc('day', b.opened_at, 'UTC') + interval '24 hours',
          date_trunc('day', p_since, 'UTC')),
        p_as_of - interval '1 microsecond', interval '24 hours') AS at
      WHERE NOT b.keeps_sessions
      UNION ALL
      SELECT p_as_of WHERE NOT b.keeps_sessions AND p_as_of > b.opened_at
    ) n LEFT JOIN LATERAL (
      SELECT l.equity, l.oldest_mark_at FROM equity_points l
      WHERE l.account_id = b.account_id AND l.at <= n.at ORDER BY l.at DESC LIMIT 1
    ) e ON true
  ) d
) s
ORDER BY b.model_id
$$;

GRANT CREATE ON SCHEMA public TO tradegraph_boards;
ALTER FUNCTION public_equity_account(uuid) OWNER TO tradegraph_boards;
ALTER FUNCTION public_equity_series(uuid, timestamptz, timestamptz) OWNER TO tradegraph_boards;
ALTER FUNCTION public_equity_rows(uuid, timestamptz[]) OWNER TO tradegraph_boards;
ALTER FUNCTION leaderboard_equity(timestamptz, timestamptz) OWNER TO tradegraph_boards;
REVOKE CREATE ON SCHEMA public FROM tradegraph_boards;
REVOKE ALL ON FUNCTION equity_series, public_equity_account, public_equity_series,
  public_equity_rows, leaderboard_equity FROM PUBLIC;
GRANT EXECUTE ON FUNCTION equity_series TO tradegraph_server, tradegraph_worker, tradegraph_boards;
GRANT EXECUTE ON FUNCTION public_equity_account, public_equity_series, public_equity_rows,
  leaderboard_equity TO tradegraph_server, tradegraph_worker;
