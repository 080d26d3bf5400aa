-- Since the trading core, a step of an order says also when it was written down. Erasing a person cancels their
-- orders and did not: with an open order, nobody could be erased.

DO $$
DECLARE
  v_before text := pg_get_functiondef('erase_user(uuid, timestamptz)'::regprocedure);
  v_after text := replace(replace(v_before,
    'from_status, to_status, occurred_at)', 'from_status, to_status, occurred_at, recorded_at)'),
    'from_status, ''CANCELED'', p_now FROM canceled', 'from_status, ''CANCELED'', p_now, p_now FROM canceled');
BEGIN
  IF length(v_after) <> length(v_before) + length(', recorded_at') + length(', p_now') THEN
    RAISE EXCEPTION 'erase_user is not what it was';
  END IF;
  EXECUTE v_after;
END $$;
