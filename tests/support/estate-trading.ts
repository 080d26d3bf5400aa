import type { Account } from '../../src/services/platform/prisma/client.ts';
import type { TestDatabase } from './database.ts';

/** A row of the account in every table of limits, switches, brokers and corporate actions, past every wall. */
export async function addTradingRows({ query }: TestDatabase, { id }: Account): Promise<void> {
  const ofAccount = 'FROM accounts WHERE id = $1';
  const inserts = [
    `risk_limits (id, scope, owner_id, account_id, orders_per_minute, updated_by, updated_at)
     SELECT gen_random_uuid(), 'ACCOUNT', owner_id, id, 100000, owner_id, now() ${ofAccount}`,
    `kill_switches (id, scope, owner_id, account_id, is_on, is_by_administrator, changed_by, changed_at)
     SELECT gen_random_uuid(), 'ACCOUNT', owner_id, id, false, false, owner_id, now() ${ofAccount}`,
    `disconnect_switches (id, owner_id, account_id, armed_at, expires_at)
     SELECT gen_random_uuid(), owner_id, id, now(), now() + '1 year' ${ofAccount}`,
    `broker_connections (account_id, owner_id, broker, is_sandbox, credential_id, created_at)
     SELECT id, owner_id, 'ALPACA', true, gen_random_uuid(), now() ${ofAccount}`,
    `broker_discrepancies (id, owner_id, account_id, kind, subject, ours, theirs, noticed_at)
     SELECT gen_random_uuid(), owner_id, id, 'CASH', 'USD', '1', '2', now() ${ofAccount}`,
    `corporate_actions (id, instrument_id, kind, amount, effective_at, created_by, created_at)
     SELECT gen_random_uuid(), instrument_id, 'DIVIDEND', 1, now(), owner_id, now() FROM orders
     WHERE account_id = $1 LIMIT 1`,
    `corporate_action_effects (action_id, account_id, owner_id, quantity_before, quantity_after, cash, applied_at)
     SELECT (SELECT id FROM corporate_actions), id, owner_id, 0, 0, 0, now() ${ofAccount}`,
  ];
  for (const insert of inserts) await query(`INSERT INTO ${insert}`, [id]);
}
