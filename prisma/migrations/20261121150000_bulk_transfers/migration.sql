-- Transfers by the thousand: history is booked in sets, since one call a transfer took most of an import's time.

-- Books transfers of one owner in one currency and changes the cash of the accounts in them. The only way money moves:
-- nobody else may INSERT an entry or UPDATE accounts.cash. Entry n belongs to transfer `p_entry_transfers[n]`, counted
-- from 1; entries keep their order. All is booked, or nothing. Refuses (check_violation) an unknown currency and a
-- transfer of fewer than two entries, of a sum that is not zero, or with an amount that is zero, not finite, or of more
-- decimals than the currency has; (insufficient_privilege) another owner's account and, from the server's role, any
-- cause that is not one's own deposit or withdrawal on paper.
-- The generic plan serves two entries and four thousand alike; planning each call anew took as long as the rest of it.
CREATE FUNCTION post_transfers(
  p_owner_id uuid, p_currency text, p_recorded_at timestamptz,
  p_ids uuid[], p_causes transfer_cause[], p_cause_ids uuid[], p_occurred_at timestamptz[],
  p_entry_transfers int[], p_ledger_accounts ledger_account_kind[], p_account_ids uuid[], p_amounts numeric[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_minor_unit int;
  v_bad text;
BEGIN
  IF session_user = 'tradegraph_server' AND (viewer_id() IS DISTINCT FROM p_owner_id
     OR (p_causes <@ ARRAY['DEPOSIT', 'WITHDRAWAL']::transfer_cause[]) IS NOT TRUE) THEN
    RAISE EXCEPTION 'the server may not post % for %', array_to_string(p_causes, ', '), p_owner_id
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT minor_unit INTO v_minor_unit FROM currencies WHERE code = p_currency;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown currency %', p_currency USING ERRCODE = 'check_violation';
  END IF;

  SELECT CASE
    WHEN t.position IS NULL THEN 'an entry has no transfer'
    WHEN e.count IS NULL OR e.count < 2 THEN 'a transfer needs two entries'
    WHEN e.is_odd THEN 'an amount is missing, zero or not finite'
    WHEN e.is_finer THEN format('an amount has more than %s decimals', v_minor_unit)
    ELSE format('the entries sum to %s', e.sum)
  END INTO v_bad
  FROM (
    SELECT transfer, count(*), sum(amount),
      bool_or(amount IS NULL OR amount IN ('NaN', 'Infinity', '-Infinity') OR amount = 0) AS is_odd,
      bool_or(amount <> round(amount, v_minor_unit)) AS is_finer
    FROM unnest(p_entry_transfers, p_amounts) AS entry (transfer, amount) GROUP BY transfer
  ) e FULL JOIN generate_series(1, cardinality(p_ids)) AS t (position) ON t.position = e.transfer
  WHERE t.position IS NULL OR e.count IS NULL OR e.count < 2 OR e.is_odd OR e.is_finer OR e.sum <> 0
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'unbalanced transfer: %', v_bad USING ERRCODE = 'check_violation';
  END IF;

  -- Rows are locked in the order of their ids, so that two calls never wait for each other.
  WITH locked AS (
    SELECT id, owner_id, currency, kind FROM accounts WHERE id = ANY (p_account_ids)
    ORDER BY id FOR UPDATE
  )
  SELECT format('account %s is not one of %s in %s', e.id, p_owner_id, p_currency) INTO v_bad
    FROM (SELECT DISTINCT id FROM unnest(p_account_ids) AS entry (id)) e
    LEFT JOIN locked a ON a.id = e.id
    WHERE e.id IS NOT NULL AND (a.id IS NULL OR a.owner_id IS DISTINCT FROM p_owner_id
      OR a.currency <> p_currency OR (session_user = 'tradegraph_server' AND a.kind <> 'PAPER'))
    LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', v_bad USING ERRCODE = 'insufficient_privilege';
  END IF;

  INSERT INTO ledger_transfers (id, owner_id, cause, cause_id, currency, occurred_at, recorded_at)
    SELECT t.id, p_owner_id, t.cause, t.cause_id, p_currency, t.occurred_at, p_recorded_at
    FROM unnest(p_ids, p_causes, p_cause_ids, p_occurred_at) AS t (id, cause, cause_id, occurred_at);
  INSERT INTO ledger_entries
      (transfer_id, line, owner_id, ledger_account, account_id, amount, occurred_at)
    SELECT p_ids[e.transfer], row_number() OVER (PARTITION BY e.transfer ORDER BY e.ordinality) - 1,
           p_owner_id, e.ledger_account, e.account_id, e.amount, p_occurred_at[e.transfer]
    FROM unnest(p_entry_transfers, p_ledger_accounts, p_account_ids, p_amounts) WITH ORDINALITY
      AS e (transfer, ledger_account, account_id, amount, ordinality);
  UPDATE accounts a SET cash = a.cash + moved.amount
    FROM (SELECT id, sum(amount) AS amount FROM unnest(p_account_ids, p_amounts) AS e (id, amount)
          WHERE id IS NOT NULL GROUP BY id) moved
    WHERE a.id = moved.id;
END $$;

-- One transfer: a set of one. `p_entries`: [{"ledgerAccount", "accountId", "amount"}], amounts as strings.
CREATE OR REPLACE FUNCTION post_transfer(
  p_id uuid, p_owner_id uuid, p_cause transfer_cause, p_cause_id uuid, p_currency text,
  p_occurred_at timestamptz, p_recorded_at timestamptz, p_entries jsonb
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM post_transfers(p_owner_id, p_currency, p_recorded_at,
    ARRAY[p_id], ARRAY[p_cause], ARRAY[p_cause_id], ARRAY[p_occurred_at],
    array_agg(1), array_agg((e.value ->> 'ledgerAccount')::ledger_account_kind ORDER BY e.ordinality),
    array_agg((e.value ->> 'accountId')::uuid ORDER BY e.ordinality),
    array_agg((e.value ->> 'amount')::numeric ORDER BY e.ordinality))
  FROM jsonb_array_elements(p_entries) WITH ORDINALITY AS e;
END $$;

GRANT CREATE ON SCHEMA public TO tradegraph_ledger;
ALTER FUNCTION post_transfers(uuid, text, timestamptz, uuid[], transfer_cause[], uuid[], timestamptz[], int[],
  ledger_account_kind[], uuid[], numeric[]) OWNER TO tradegraph_ledger;
REVOKE CREATE ON SCHEMA public FROM tradegraph_ledger;
-- The server posts one transfer at a time.
REVOKE ALL ON FUNCTION post_transfers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post_transfers TO tradegraph_worker;
