import type { TestDatabase } from './database.ts';

/* Rows by the thousand, for tests of what lists cost; no ledger stands behind them. */

const TIMES = `timestamptz '2026-01-01' + n * interval '1 second'`;

/** So many people, who cannot log in. Answers their ids. */
export async function addCrowd({ query }: TestDatabase, count: number): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
       token_version, created_at, updated_at)
     SELECT gen_random_uuid(), 'user' || n, 'user' || n, 'user' || n, 'user' || n, '', 'USER',
       'ACTIVE', 0, ${TIMES}, ${TIMES}
     FROM generate_series(1, $1::int) n RETURNING id`,
    [count],
  );
  return rows.map(({ id }) => id);
}

interface NewModels {
  readonly ownerIds: readonly string[];
  /** Of each owner. */
  readonly count: number;
}

/** Public models with a private log and an account each. */
export async function addModels(
  { query }: TestDatabase,
  { ownerIds, count }: NewModels,
): Promise<{ modelId: string; accountId: string }[]> {
  return query<{ modelId: string; accountId: string }>(
    `WITH made AS (
       INSERT INTO models (id, owner_id, name, trader, provider, model_name, universe, starting_cash,
         currency, interval_seconds, status, visibility, log_visibility, version, created_at, updated_at)
       SELECT gen_random_uuid(), owner, 'Model ' || n, 'MOMENTUM', 'built-in', 'momentum', '{ACME.SIM}',
         1000, 'USD', 60, 'IDLE', 'PUBLIC', 'PRIVATE', 1, ${TIMES}, ${TIMES}
       FROM unnest($1::uuid[]) owner, generate_series(1, $2::int) n RETURNING *
     ), kept AS (
       INSERT INTO model_secrets (model_id, owner_id, prompt, cost_usd)
       SELECT id, owner_id, '', 0 FROM made
     )
     INSERT INTO accounts (id, owner_id, model_id, name, kind, status, currency, zone, starting_cash,
       created_at)
     SELECT gen_random_uuid(), owner_id, id, 'Paper', 'PAPER', 'ACTIVE', 'USD', 'America/Chicago', 1000,
       created_at
     FROM made RETURNING model_id AS "modelId", id AS "accountId"`,
    [ownerIds, count],
  );
}

/** So many more accounts of a model. */
export async function addAccounts(
  { query }: TestDatabase,
  { modelId, count }: { readonly modelId: string; readonly count: number },
): Promise<void> {
  await query(
    `INSERT INTO accounts (id, owner_id, model_id, name, kind, status, currency, zone, starting_cash,
       created_at)
     SELECT gen_random_uuid(), owner_id, id, 'Paper', 'PAPER', 'ACTIVE', 'USD', 'America/Chicago', 1000,
       ${TIMES}
     FROM models, generate_series(1, $2::int) n WHERE id = $1`,
    [modelId, count],
  );
}

/** So many open sessions of a person, and as many each that ran out or were ended. */
export async function addSessions(
  { query }: TestDatabase,
  { ownerId, count }: { readonly ownerId: string; readonly count: number },
): Promise<void> {
  await query(
    `INSERT INTO sessions (id, owner_id, created_at, last_used_at, expires_at, revoked_at)
     SELECT gen_random_uuid(), $1, now(), now(), now() + until * n, ended
     FROM generate_series(1, $2::int) n,
       (VALUES (interval '1 minute', NULL), (interval '-1 minute', NULL),
               (interval '1 minute', now())) AS kind (until, ended)`,
    [ownerId, count],
  );
}

interface Activity {
  /** Ids of accounts of models. */
  readonly accountIds: readonly string[];
  readonly instrumentId: string;
  readonly count: number;
}

/** In each account so many filled orders with a trade, closed positions, and lines of the model's log. */
export async function addActivity(
  { query }: TestDatabase,
  { accountIds, instrumentId, count }: Activity,
): Promise<void> {
  const each = 'FROM accounts a, generate_series(1, $2::int) n WHERE a.id = ANY($1::uuid[])';
  await query(
    `WITH placed AS (
       INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side, type,
         time_in_force, quantity, status, filled_quantity, filled_notional, reserved, version,
         created_at, updated_at)
       SELECT gen_random_uuid(), owner_id, a.id, $3::uuid, gen_random_uuid()::text, 'BUY', 'MARKET',
         'GTC', 1, 'FILLED', 1, 1, 0, 1, ${TIMES}, ${TIMES} ${each} RETURNING *
     )
     INSERT INTO trades (id, owner_id, account_id, instrument_id, order_id, fill_sequence, source, side,
       quantity, price, fee, cash_amount, realized_gross, position_quantity, position_cost,
       position_realized, executed_at, recorded_at)
     SELECT gen_random_uuid(), owner_id, account_id, instrument_id, id, 1, 'PAPER', 'BUY', 1, 1, 0, -1, 0,
       1, 1, 0, created_at, created_at FROM placed`,
    [accountIds, count, instrumentId],
  );
  await query(
    `INSERT INTO positions (id, owner_id, account_id, instrument_id, quantity, total_cost, realized_pnl,
       opened_at, closed_at, updated_at)
     SELECT gen_random_uuid(), owner_id, a.id, $3::uuid, 0, 0, 0, ${TIMES}, ${TIMES}, ${TIMES} ${each}`,
    [accountIds, count, instrumentId],
  );
  await query(
    `INSERT INTO agent_log (id, owner_id, model_id, run_id, sequence, date, occurred_at, kind, content)
     SELECT gen_random_uuid(), owner_id, model_id, gen_random_uuid(), 0, '2026-01-01', ${TIMES},
       'ASSISTANT', '' ${each}`,
    [accountIds, count],
  );
}

/** So many fills of one order. */
export async function addFills(
  { query }: TestDatabase,
  { orderId, count }: { readonly orderId: string; readonly count: number },
): Promise<void> {
  await query(
    `INSERT INTO trades (id, owner_id, account_id, instrument_id, order_id, fill_sequence, source, side,
       quantity, price, fee, cash_amount, realized_gross, position_quantity, position_cost,
       position_realized, executed_at, recorded_at)
     SELECT gen_random_uuid(), owner_id, account_id, instrument_id, id, n + 1, 'PAPER', 'BUY', 1, 1, 0,
       -1, 0, 1, 1, 0, ${TIMES}, ${TIMES}
     FROM orders, generate_series(1, $2::int) n WHERE id = $1`,
    [orderId, count],
  );
}
