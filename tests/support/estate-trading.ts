import type { Account } from '../../src/services/platform/prisma/client.ts';
import type { TestDatabase } from './database.ts';

/** A row of the account in every table of limits, switches, brokers and corporate actions, past every wall. */
export async function addTradingRows({ query }: TestDatabase, { id }: Account): Promise<void> {
  const ofAccount = 'FROM accounts WHERE id = $1';
  // Of the owner, and of administrators.
  const kinds = '(VALUES (false), (true)) AS kind (by_admin)';
  const ownerOrAdmin = `role = 'ADMIN' OR id = (SELECT owner_id ${ofAccount})`;
  const inserts = [
    `risk_limits (id, scope, owner_id, account_id, orders_per_minute, max_order_value,
       max_position_share, price_collar, max_instrument_price, daily_loss_limit, allowed_symbols,
       updated_by, updated_at, is_by_administrator)
     SELECT gen_random_uuid(), 'ACCOUNT', owner_id, id, 100000, 1e12, 1, 0.2, 1e12, 1e12,
       ARRAY(SELECT symbol FROM instruments), owner_id, now(),
       by_admin FROM accounts, ${kinds} WHERE id = $1`,
    `kill_switches (id, scope, owner_id, account_id, is_on, reason, is_by_administrator, changed_by,
       changed_at)
     SELECT gen_random_uuid(), 'ACCOUNT', owner_id, id, false, 'A drill.', by_admin, owner_id, now()
     FROM accounts, ${kinds} WHERE id = $1`,
    `risk_limits (id, scope, owner_id, orders_per_minute, updated_by, updated_at, is_by_administrator)
     SELECT gen_random_uuid(), 'USER', id, 100000, id, now(), by_admin FROM users, ${kinds}
     WHERE ${ownerOrAdmin}`,
    `kill_switches (id, scope, owner_id, is_on, is_by_administrator, changed_by, changed_at)
     SELECT gen_random_uuid(), 'USER', id, false, by_admin, id, now() FROM users, ${kinds}
     WHERE ${ownerOrAdmin}`,
    `disconnect_switches (id, owner_id, account_id, armed_at, expires_at)
     SELECT gen_random_uuid(), owner_id, id, now(), now() + '1 year' ${ofAccount}`,
    `broker_connections (account_id, owner_id, broker, exchange, is_sandbox, credential_id, reconciled_at,
       created_at)
     SELECT id, owner_id, 'CCXT', 'kraken', true, gen_random_uuid(), now(), now() ${ofAccount}`,
    `broker_discrepancies (id, owner_id, account_id, kind, subject, ours, theirs, noticed_at, resolved_at)
     SELECT gen_random_uuid(), owner_id, id, 'CASH', 'USD', '1', '2', now(), now() ${ofAccount}`,
    `corporate_actions (id, instrument_id, kind, amount, effective_at, created_by, created_at, applied_at)
     SELECT gen_random_uuid(), instrument_id, 'DIVIDEND', 1, now(), owner_id, now(), now() FROM orders
     WHERE account_id = $1 LIMIT 1`,
    `corporate_action_effects (action_id, account_id, owner_id, quantity_before, quantity_after, cash, applied_at)
     SELECT (SELECT id FROM corporate_actions), id, owner_id, 0, 0, 0, now() ${ofAccount}`,
    `corporate_actions (id, instrument_id, kind, ratio_from, ratio_to, effective_at, created_by, created_at, applied_at)
     SELECT gen_random_uuid(), instrument_id, 'SPLIT', 1, 2, now(), gen_random_uuid(), now(), now() FROM orders
     WHERE account_id = $1 LIMIT 1`,
  ];
  for (const insert of inserts) await query(`INSERT INTO ${insert}`, [id]);
}

/** Every state that an order can be in. */
const STATES = `unnest(enum_range(NULL::order_status)) WITH ORDINALITY AS step (status, sequence)`;

/**
 * Two orders of the account that are over and have had whatever an order can have, and what a fill at a
 * broker has, past every wall and every rule: no order lives through all states.
 */
export async function addStrangeOrders({ query }: TestDatabase, { id }: Account): Promise<void> {
  const columns = `id, owner_id, account_id, instrument_id, client_order_id, side, time_in_force, quantity,
    status, filled_quantity, filled_notional, reserved, version, created_at, updated_at, type, order_class,
    leg, group_id, broker_order_id, notional, trail_amount, trail_percent, replaces_id, replaced_by_id`;
  const common = (
    name: string,
  ) => `owner_id, account_id, instrument_id, 'order-of-the-owner-${name}',
    'SELL'::order_side, 'GTC'::time_in_force, 1, 'REPLACED'::order_status, 0, 0, 0, 13, now(), now()`;
  const [first, second] = [
    '00000000-0000-7000-8000-0000000000f1',
    '00000000-0000-7000-8000-0000000000f2',
  ];
  await query(
    `INSERT INTO orders (${columns})
     SELECT o.* FROM (SELECT * FROM orders WHERE account_id = $1 LIMIT 1) AS any_order, LATERAL (VALUES
       ('${first}'::uuid, ${common('noted')}, 'MARKET'::order_type, 'BRACKET'::order_class,
        'ENTRY'::order_leg, '${first}'::uuid, 'at the broker', 100, NULL::numeric, NULL::numeric, NULL::uuid,
        '${second}'::uuid),
       ('${second}'::uuid, ${common('trailing')}, 'TRAILING_STOP'::order_type, 'SIMPLE'::order_class,
        NULL, NULL, NULL, NULL, 2, NULL, '${first}'::uuid, NULL),
       (gen_random_uuid(), ${common('percent')}, 'TRAILING_STOP'::order_type, 'SIMPLE'::order_class,
        NULL, NULL, NULL, NULL, NULL, 5, NULL, NULL)) AS o`,
    [id],
  );
  await query(
    `INSERT INTO order_events (order_id, sequence, owner_id, to_status, occurred_at, recorded_at)
     SELECT id, sequence, owner_id, step.status, now(), now() FROM orders, ${STATES} WHERE id = $1`,
    [first],
  );
  // The table takes no UPDATE else.
  await query('SET session_replication_role = replica');
  await query(
    `UPDATE trades SET liquidity = 'TAKER', fee_model = 'INSTRUMENT', slippage_model = 'NONE',
       liquidity_model = 'QUOTED_SIZE', slippage = 0, broker_trade_id = 'of the broker ' || id
     WHERE account_id = $1`,
    [id],
  );
  await query('RESET session_replication_role');
}
