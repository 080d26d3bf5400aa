-- The public leaderboard. Nobody but an owner may read an account, its trades or its ledger, so the board
-- comes from a function that runs as tradegraph_boards: a role that sees public models, what belongs to
-- them, and no more columns than it needs.

GRANT SELECT (id, owner_id, name, version, visibility, universe) ON models TO tradegraph_boards;
GRANT SELECT (id, model_id, currency, zone, starting_cash, created_at) ON accounts TO tradegraph_boards;
GRANT SELECT (id, account_id, instrument_id, side, quantity, price, executed_at) ON trades
  TO tradegraph_boards;
GRANT SELECT (account_id, ledger_account, amount, occurred_at) ON ledger_entries TO tradegraph_boards;
GRANT SELECT (account_id, instrument_id, opened_at) ON positions TO tradegraph_boards;
GRANT SELECT (id, symbol, zone, source) ON instruments TO tradegraph_boards;
GRANT SELECT ON bars TO tradegraph_boards;

CREATE POLICY public_boards ON models FOR SELECT TO tradegraph_boards USING (visibility = 'PUBLIC');
-- The subselects are under the policies of this role themselves: public models alone, and their accounts.
CREATE POLICY public_boards ON accounts FOR SELECT TO tradegraph_boards
  USING (model_id IN (SELECT m.id FROM models m));
CREATE POLICY public_boards ON trades FOR SELECT TO tradegraph_boards
  USING (account_id IN (SELECT a.id FROM accounts a));
CREATE POLICY public_boards ON positions FOR SELECT TO tradegraph_boards
  USING (account_id IN (SELECT a.id FROM accounts a));
CREATE POLICY public_boards ON ledger_entries FOR SELECT TO tradegraph_boards
  USING (account_id IN (SELECT a.id FROM accounts a));

-- The daily equity of every public model until p_as_of: one row a model, of its newest account.
--
-- A day is a session of the account's zone when all that the model may trade, or has traded, is imported
-- and of that zone; then `equities` has one value at each close since the account opened. All else trades
-- around the clock: one value at each end of a day in UTC, and one at p_as_of. There is none before the
-- first session is over. They are for statistics, in floating point; `equity` is the last one, exact.
-- equity = cash (ledger entries so far) + sum of quantity (trades so far) × last close known by then.
-- What has no close yet counts at the price that the account traded it at last. `holds`: something is held at
-- the last value; `oldest_mark_at`: the time of its oldest price, null when a part of it had no close.
--
-- Its cost grows with trades, and with what is held × days. The planner cannot know how many rows come out of
-- these steps and takes them for few: the settings keep it from sorting what is to be hashed.
CREATE FUNCTION leaderboard_equity(p_as_of timestamptz)
RETURNS TABLE (model_id uuid, model_name text, version int, owner_id uuid, account_id uuid,
  currency text, opened_at timestamptz, starting_cash numeric, keeps_sessions boolean,
  last_at timestamptz, equity numeric, equities float8[], holds boolean, oldest_mark_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET jit = off SET work_mem = '32MB'
SET plan_cache_mode = force_custom_plan SET enable_mergejoin = off SET enable_sort = off AS $$
WITH public_accounts AS MATERIALIZED (
  SELECT DISTINCT ON (m.id) m.id AS model_id, m.name, m.version, m.owner_id, m.universe,
    a.id AS account_id, a.currency, a.zone, a.starting_cash, a.created_at AS opened_at
  FROM models m JOIN accounts a ON a.model_id = m.id
  WHERE m.visibility = 'PUBLIC' AND a.starting_cash > 0 AND a.created_at <= p_as_of
  ORDER BY m.id, a.created_at DESC, a.id DESC
),
-- Daily closes that were known as they were made: all but those of a correction.
closes AS MATERIALIZED (
  SELECT i.zone, b.instrument_id, b.close_time AS at, b.close
  FROM instruments i JOIN bars b ON b.instrument_id = i.id
  WHERE i.source = 'IMPORTED' AND i.zone IN (SELECT zone FROM public_accounts)
    AND b.interval = 'DAY_1' AND b.close IS NOT NULL AND b.known_at = b.close_time
    AND b.close_time <= p_as_of
    AND b.open_time > (SELECT min(opened_at) FROM public_accounts) - interval '1 day'
),
sessions AS (
  SELECT DISTINCT zone, at FROM closes
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
-- The calendar of an account is the zone of its exchange, or empty for what trades around the clock.
accounts_by_calendar AS MATERIALIZED (
  SELECT a.account_id, a.opened_at, CASE
    WHEN a.zone IN (SELECT zone FROM instruments WHERE source = 'IMPORTED')
    AND a.account_id NOT IN (SELECT account_id FROM around_the_clock) THEN a.zone ELSE '' END AS calendar
  FROM public_accounts a
),
-- The ends of days, numbered through all calendars, and in order of time within each.
days AS MATERIALIZED (
  SELECT d.calendar, d.at, row_number() OVER (ORDER BY d.calendar, d.at)::int AS day
  FROM (
    SELECT s.zone AS calendar, s.at FROM sessions s
    UNION ALL
    SELECT '', generate_series(date_trunc('day', min(opened_at), 'UTC') + interval '24 hours',
      p_as_of - interval '1 microsecond', interval '24 hours')
    FROM accounts_by_calendar WHERE calendar = ''
    UNION ALL
    SELECT '', p_as_of
  ) d
),
calendars AS MATERIALIZED (
  SELECT d.calendar, array_agg(d.at ORDER BY d.at) AS times, min(d.day) AS first_day,
    max(d.day) AS last_day
  FROM days d GROUP BY d.calendar
),
-- Accounts are numbered, since a number is cheaper to join and to group by than a UUID.
board AS MATERIALIZED (
  SELECT row_number() OVER (ORDER BY a.account_id)::int AS place, a.account_id, a.calendar, c.times,
    c.first_day, c.last_day, c.first_day + width_bucket(a.opened_at, c.times) AS opening_day
  FROM accounts_by_calendar a LEFT JOIN calendars c USING (calendar)
),
-- What happens at a time counts from the first day that ends then or later.
quantity_changes AS (
  SELECT b.place, t.instrument_id,
    b.first_day + width_bucket(t.executed_at - interval '1 microsecond', b.times) AS day,
    sum(CASE t.side WHEN 'BUY' THEN t.quantity ELSE -t.quantity END) AS change
  FROM board b JOIN trades t ON t.account_id = b.account_id
  WHERE t.executed_at <= p_as_of
  GROUP BY 1, 2, 3
),
-- From which day to which a quantity was held.
stretches AS MATERIALIZED (
  SELECT q.instrument_id, q.place, q.first_day, q.quantity,
    coalesce(q.next_day - 1, b.last_day) AS last_day
  FROM (
    SELECT place, instrument_id, day AS first_day, lead(day) OVER later AS next_day,
      sum(change) OVER later AS quantity
    FROM quantity_changes
    WINDOW later AS (PARTITION BY place, instrument_id ORDER BY day ROWS UNBOUNDED PRECEDING)
  ) q JOIN board b ON b.place = q.place
  WHERE q.quantity <> 0
),
-- Each price is looked up once, for all the accounts that need it: the close at this very time if there is
-- one, which is the ordinary case, else the last one known.
marks AS MATERIALIZED (
  SELECT i.instrument_id, n.day, coalesce(e.close, k.close) AS close,
    CASE WHEN e.close IS NULL THEN k.close_time ELSE n.at END AS marked_at
  FROM (
    SELECT DISTINCT p.instrument_id, b.calendar
    FROM board b JOIN positions p ON p.account_id = b.account_id
    WHERE p.opened_at <= p_as_of
  ) i JOIN days n ON n.calendar = i.calendar
  LEFT JOIN closes e ON e.instrument_id = i.instrument_id AND e.at = n.at
  LEFT JOIN LATERAL (
    SELECT b.close, b.close_time FROM (
      (SELECT d.close, d.close_time FROM bars d
        WHERE e.close IS NULL
          AND d.instrument_id = i.instrument_id AND d.interval = 'DAY_1' AND d.open_time < n.at
          AND d.known_at <= n.at AND d.close_time <= n.at AND d.close IS NOT NULL
        ORDER BY d.open_time DESC, d.known_at DESC LIMIT 1)
      UNION ALL
      (SELECT m.close, m.close_time FROM bars m
        WHERE e.close IS NULL
          AND m.instrument_id = i.instrument_id AND m.interval = 'MINUTE_1' AND m.open_time < n.at
          AND m.known_at <= n.at AND m.close_time <= n.at AND m.close IS NOT NULL
        ORDER BY m.open_time DESC, m.known_at DESC LIMIT 1)
    ) b ORDER BY b.close_time DESC LIMIT 1
  ) k ON true
),
-- One row for each day of an account, one for the cash that moved on it, one for what was held at its end.
facts AS (
  SELECT b.place, generate_series(b.opening_day, b.last_day) AS day, true AS is_open,
    NULL::numeric AS cash_change, NULL::numeric AS value, NULL::timestamptz AS oldest_mark_at
  FROM board b
  UNION ALL
  SELECT b.place, b.first_day + width_bucket(l.occurred_at - interval '1 microsecond', b.times),
    false, sum(l.amount), NULL, NULL
  FROM board b JOIN ledger_entries l ON l.account_id = b.account_id
  WHERE l.ledger_account = 'CASH' AND l.occurred_at <= p_as_of
  GROUP BY 1, 2
  UNION ALL
  SELECT h.place, h.day, false, NULL, sum(h.quantity * coalesce(m.close, (
      SELECT t.price FROM board b JOIN trades t ON t.account_id = b.account_id
        JOIN days d ON d.day = h.day
      WHERE b.place = h.place AND t.instrument_id = h.instrument_id AND t.executed_at <= d.at
      ORDER BY t.executed_at DESC, t.id DESC LIMIT 1))),
    CASE WHEN bool_and(m.close IS NOT NULL) THEN min(m.marked_at) END
  FROM (
    SELECT place, instrument_id, quantity, generate_series(first_day, last_day) AS day
    FROM stretches
  ) h JOIN marks m ON m.instrument_id = h.instrument_id AND m.day = h.day
  GROUP BY h.place, h.day
),
daily AS (
  SELECT place, day, bool_or(is_open) AS is_open, sum(cash_change) AS cash_change,
    sum(value) AS value, min(oldest_mark_at) AS oldest_mark_at
  FROM facts GROUP BY place, day
),
equity AS (
  SELECT place, day, is_open, value, oldest_mark_at, coalesce(value, 0)
    + coalesce(sum(cash_change) OVER (PARTITION BY place ORDER BY day), 0) AS equity
  FROM daily
),
series AS (
  SELECT place, max(day) AS last_day,
    (array_agg(equity ORDER BY day DESC))[1] AS equity,
    array_agg(equity::float8 ORDER BY day) AS equities,
    (array_agg(value IS NOT NULL ORDER BY day DESC))[1] AS holds,
    (array_agg(oldest_mark_at ORDER BY day DESC))[1] AS oldest_mark_at
  FROM equity WHERE is_open GROUP BY place
)
SELECT a.model_id, a.name, a.version, a.owner_id, a.account_id, a.currency, a.opened_at,
  a.starting_cash, b.calendar <> '',
  b.times[1 + s.last_day - b.first_day], coalesce(s.equity, a.starting_cash),
  coalesce(s.equities, '{}'), coalesce(s.holds, false), s.oldest_mark_at
FROM public_accounts a JOIN board b USING (account_id) LEFT JOIN series s USING (place)
ORDER BY a.model_id
$$;

GRANT CREATE ON SCHEMA public TO tradegraph_boards;
ALTER FUNCTION leaderboard_equity(timestamptz) OWNER TO tradegraph_boards;
REVOKE CREATE ON SCHEMA public FROM tradegraph_boards;
REVOKE ALL ON FUNCTION leaderboard_equity(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leaderboard_equity(timestamptz) TO tradegraph_server, tradegraph_worker;
