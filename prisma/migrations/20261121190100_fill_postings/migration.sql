-- The transfers of one trade in one plain call: half of the database's time with a fill went into reckoning with sets of
-- any size for what are always two.

-- Books what a trade moves, for `p_account_id`: FILL, its cash against CLEARING, and FEE, its fee against FEES; what is
-- zero is left out. Beside `post_transfers` the only way money moves, with its refusals: (check_violation) an unknown
-- currency, an amount that is missing, not finite, or of more decimals than the currency has, and a negative fee;
-- (insufficient_privilege) an account that is not the owner's in the currency. Entries sum to zero by what they are.
CREATE FUNCTION post_fill(
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
  IF p_cash_amount <> 0 THEN
    INSERT INTO ledger_transfers (id, owner_id, cause, cause_id, currency, occurred_at, recorded_at)
      VALUES (p_fill_id, p_owner_id, 'FILL', p_trade_id, p_currency, p_occurred_at, p_recorded_at);
    INSERT INTO ledger_entries (transfer_id, line, owner_id, ledger_account, account_id, amount, occurred_at)
      VALUES (p_fill_id, 0, p_owner_id, 'CASH', p_account_id, p_cash_amount, p_occurred_at),
        (p_fill_id, 1, p_owner_id, 'CLEARING', NULL, -p_cash_amount, p_occurred_at);
  END IF;
  IF p_fee <> 0 THEN
    INSERT INTO ledger_transfers (id, owner_id, cause, cause_id, currency, occurred_at, recorded_at)
      VALUES (p_fee_id, p_owner_id, 'FEE', p_trade_id, p_currency, p_occurred_at, p_recorded_at);
    INSERT INTO ledger_entries (transfer_id, line, owner_id, ledger_account, account_id, amount, occurred_at)
      VALUES (p_fee_id, 0, p_owner_id, 'CASH', p_account_id, -p_fee, p_occurred_at),
        (p_fee_id, 1, p_owner_id, 'FEES', NULL, p_fee, p_occurred_at);
  END IF;
END $$;

GRANT CREATE ON SCHEMA public TO tradegraph_ledger;
ALTER FUNCTION post_fill(uuid, uuid, text, uuid, uuid, numeric, uuid, numeric, timestamptz, timestamptz)
  OWNER TO tradegraph_ledger;
REVOKE CREATE ON SCHEMA public FROM tradegraph_ledger;
REVOKE ALL ON FUNCTION post_fill FROM PUBLIC;
-- The server books no trades.
GRANT EXECUTE ON FUNCTION post_fill TO tradegraph_worker;
