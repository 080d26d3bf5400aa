-- What the gate asks of the database with every order, in one call. As a statement under row-level security it had the
-- policies of eight tables and subqueries in its plan, and to set these up took most of its time.

-- The circumstances of an order of `p_account_id`: the instrument of `p_symbol`, whether the account has an order of
-- `p_client_order_id`, what it holds of the instrument and when it last traded it, what its working orders still buy
-- and sell, and the limits and switches that hold for it, as `risk-columns.ts` reads them. No row for an account that is
-- not the viewer's (administrators see all) or not in reach of the viewer's key, and none for a symbol that is not
-- there. The account's lock is taken before.
CREATE FUNCTION order_circumstances(p_account_id uuid, p_client_order_id text, p_symbol text)
RETURNS TABLE (
  instrument instruments, is_taken boolean, held positions, last_trade_at timestamptz,
  buying numeric, selling numeric, limits jsonb, halts jsonb
) LANGUAGE plpgsql STABLE SECURITY DEFINER
  -- Under a policy the planner may not look at how the states of orders are spread, and takes most to be working.
  SET search_path = public, pg_temp SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_owner_id uuid;
  v_has_limits boolean;
  v_has_halts boolean;
BEGIN
  -- This looks past row-level security, and asks what that would.
  SELECT a.owner_id INTO v_owner_id FROM accounts a
    WHERE a.id = p_account_id AND (a.owner_id = viewer_id() OR viewer_is_admin())
      AND (a.kind = 'PAPER' OR NOT viewer_has_test_key());
  IF NOT FOUND THEN RETURN; END IF;
  SELECT * INTO instrument FROM instruments i WHERE i.symbol = p_symbol;
  IF NOT FOUND THEN RETURN; END IF;

  is_taken := EXISTS (
    SELECT FROM orders o WHERE o.account_id = p_account_id AND o.client_order_id = p_client_order_id);
  SELECT * INTO held FROM positions p
    WHERE p.account_id = p_account_id AND p.instrument_id = instrument.id AND p.closed_at IS NULL;
  SELECT t.executed_at INTO last_trade_at FROM trades t
    WHERE t.account_id = p_account_id AND t.instrument_id = instrument.id
    ORDER BY t.executed_at DESC, t.id DESC LIMIT 1;
  -- The two legs of a group sell the same shares: one of them counts, and none while they wait.
  SELECT coalesce(sum(o.quantity - o.filled_quantity) FILTER (WHERE o.side = 'BUY'), 0),
      coalesce(sum(o.quantity - o.filled_quantity) FILTER (WHERE o.side = 'SELL'), 0)
    INTO buying, selling
    FROM orders o
    WHERE o.account_id = p_account_id AND o.instrument_id = instrument.id
      AND o.status IN
        ('PENDING', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED', 'CANCEL_PENDING', 'UNKNOWN')
      AND NOT (o.leg IS NOT NULL AND o.leg <> 'ENTRY'
        AND (o.status = 'PENDING' OR (o.leg = 'STOP_LOSS' AND o.order_class <> 'OTO')));

  -- Nearly always there is neither, and to look is cheaper than to gather. In parts, since the planner walks no index
  -- for an OR with a NULL.
  SELECT EXISTS (SELECT FROM risk_limits WHERE owner_id IS NULL)
      OR EXISTS (SELECT FROM risk_limits WHERE owner_id = v_owner_id),
    EXISTS (SELECT FROM kill_switches WHERE owner_id IS NULL AND is_on)
      OR EXISTS (SELECT FROM kill_switches WHERE owner_id = v_owner_id AND is_on)
    INTO v_has_limits, v_has_halts;
  IF v_has_limits THEN
    SELECT jsonb_agg(jsonb_build_object('scope', r.scope,
        'maxOrderValue', trim_scale(r.max_order_value)::text,
        'maxPositionShare', trim_scale(r.max_position_share)::text,
        'priceCollar', trim_scale(r.price_collar)::text,
        'maxInstrumentPrice', trim_scale(r.max_instrument_price)::text,
        'ordersPerMinute', r.orders_per_minute,
        'dailyLossLimit', trim_scale(r.daily_loss_limit)::text,
        'allowedSymbols', nullif(r.allowed_symbols, '{}')))
      INTO limits
      FROM (SELECT * FROM risk_limits WHERE owner_id IS NULL
        UNION ALL
        SELECT * FROM risk_limits
          WHERE owner_id = v_owner_id AND (account_id IS NULL OR account_id = p_account_id)) r;
  END IF;
  IF v_has_halts THEN
    SELECT jsonb_agg(jsonb_build_object('scope', k.scope, 'reason', k.reason, 'since', k.changed_at,
        'isByAdministrator', k.is_by_administrator) ORDER BY k.scope, k.is_by_administrator DESC)
      INTO halts
      FROM (SELECT * FROM kill_switches WHERE owner_id IS NULL AND is_on
        UNION ALL
        SELECT * FROM kill_switches
          WHERE owner_id = v_owner_id AND (account_id IS NULL OR account_id = p_account_id) AND is_on) k;
  END IF;
  RETURN NEXT;
END $$;

GRANT CREATE ON SCHEMA public TO tradegraph_gatekeeper;
ALTER FUNCTION order_circumstances(uuid, text, text) OWNER TO tradegraph_gatekeeper;
REVOKE CREATE ON SCHEMA public FROM tradegraph_gatekeeper;
REVOKE ALL ON FUNCTION order_circumstances FROM PUBLIC;
GRANT EXECUTE ON FUNCTION order_circumstances TO tradegraph_server, tradegraph_worker;
GRANT EXECUTE ON FUNCTION viewer_has_test_key() TO tradegraph_gatekeeper;

GRANT SELECT ON instruments, orders, positions, risk_limits, kill_switches TO tradegraph_gatekeeper;
GRANT SELECT (id, owner_id, kind) ON accounts TO tradegraph_gatekeeper;
GRANT SELECT (id, account_id, instrument_id, executed_at) ON trades TO tradegraph_gatekeeper;
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['accounts', 'positions', 'trades', 'risk_limits', 'kill_switches'] LOOP
    EXECUTE format('CREATE POLICY gatekeeper_judges ON %I FOR SELECT TO tradegraph_gatekeeper USING (true)', name);
  END LOOP;
END $$;

-- What one trade moves, as before (see there for its refusals), by two statements instead of four.
CREATE OR REPLACE FUNCTION post_fill(
  p_owner_id uuid, p_account_id uuid, p_currency text, p_trade_id uuid, p_fill_id uuid, p_cash_amount numeric,
  p_fee_id uuid, p_fee numeric, p_occurred_at timestamptz, p_recorded_at timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_minor_unit int;
BEGIN
  SELECT minor_unit INTO v_minor_unit FROM currencies WHERE code = p_currency;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown currency %', p_currency USING ERRCODE = 'check_violation';
  END IF;
  -- 'NaN' and 'Infinity' are greater than every bound, and '-Infinity' is less.
  IF (p_cash_amount > -1e20 AND p_cash_amount < 1e20 AND p_fee >= 0 AND p_fee < 1e20
      AND p_cash_amount = round(p_cash_amount, v_minor_unit) AND p_fee = round(p_fee, v_minor_unit)) IS NOT TRUE THEN
    RAISE EXCEPTION 'a trade cannot move % with a fee of %', p_cash_amount, p_fee USING ERRCODE = 'check_violation';
  END IF;

  UPDATE accounts SET cash = cash + p_cash_amount - p_fee
    WHERE id = p_account_id AND owner_id = p_owner_id AND currency = p_currency;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'account % is not one of % in %', p_account_id, p_owner_id, p_currency
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO ledger_transfers (id, owner_id, cause, cause_id, currency, occurred_at, recorded_at)
    SELECT t.id, p_owner_id, t.cause, p_trade_id, p_currency, p_occurred_at, p_recorded_at
    FROM (VALUES (p_fill_id, 'FILL'::transfer_cause, p_cash_amount), (p_fee_id, 'FEE', p_fee)) AS t (id, cause, amount)
    WHERE t.amount <> 0;
  INSERT INTO ledger_entries (transfer_id, line, owner_id, ledger_account, account_id, amount, occurred_at)
    SELECT e.id, e.line, p_owner_id, e.kind, e.account_id, e.amount, p_occurred_at
    FROM (VALUES (p_fill_id, 0, 'CASH'::ledger_account_kind, p_account_id, p_cash_amount),
      (p_fill_id, 1, 'CLEARING', NULL, -p_cash_amount),
      (p_fee_id, 0, 'CASH', p_account_id, -p_fee),
      (p_fee_id, 1, 'FEES', NULL, p_fee)) AS e (id, line, kind, account_id, amount)
    WHERE e.amount <> 0;
END $$;
