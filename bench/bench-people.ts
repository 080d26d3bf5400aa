import { Client } from 'pg';
import { createTokens } from '../src/services/accounts/tokens.ts';
import { systemClock } from '../src/services/platform/clock.ts';
import { keyOfSecret } from '../src/services/platform/config/token-keys.ts';

/** Of the access tokens. */
export const JWT_SECRET = 'a secret of the benches, long enough for anyone';
const INSTRUMENTS = 100;

export interface Crowd {
  readonly people: number;
  readonly accountsEach: number;
  readonly positionsInEach: number;
}

/**
 * People with accounts and open positions, by the thousand, past all services; with a session each.
 * Answers with their access tokens.
 */
export async function addCrowd(
  ownerUrl: string,
  { people, accountsEach, positionsInEach }: Crowd,
): Promise<string[]> {
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query(
      `INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, status,
         token_version, created_at, updated_at)
       SELECT gen_random_uuid(), name, name, name, name, '', 'USER', 'ACTIVE', 0, now(), now()
       FROM generate_series(1, $1::int) n, LATERAL (SELECT 'person_' || n AS name) AS named`,
      [people],
    );
    await owner.query(
      `INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
         is_tradable, source, fee_bps, created_at)
       SELECT gen_random_uuid(), 'S' || n, 'Share ' || n, 'STOCK', 'USD', 'America/New_York', 0.01, 1,
         true, 'SIMULATED', 0, now()
       FROM generate_series(1, $1::int) n`,
      [INSTRUMENTS],
    );
    // People and their rows come in turns, so that nobody's rows lie side by side by chance.
    await owner.query(
      `INSERT INTO accounts (id, owner_id, name, kind, status, currency, zone, starting_cash, cash,
         created_at)
       SELECT gen_random_uuid(), u.id, 'Account ' || n, 'PAPER', 'ACTIVE', 'USD', 'America/Chicago',
         10000, 10000, now() - n * interval '1 hour'
       FROM generate_series(1, $1::int) n, users u`,
      [accountsEach],
    );
    await owner.query(
      `INSERT INTO positions (id, owner_id, account_id, instrument_id, quantity, total_cost,
         realized_pnl, opened_at, updated_at)
       SELECT gen_random_uuid(), a.owner_id, a.id, i.id, n, n * 10, 0, now() - n * interval '1 hour',
         now()
       FROM generate_series(1, $1::int) n
         JOIN (SELECT id, row_number() OVER () AS number FROM instruments) AS i ON i.number = n,
         accounts a`,
      [positionsInEach],
    );
    await owner.query(
      `INSERT INTO sessions (id, owner_id, created_at, last_used_at, expires_at)
       SELECT gen_random_uuid(), id, now(), now(), now() + interval '1 day' FROM users`,
    );
    await owner.query('VACUUM ANALYZE');
    const { rows } = await owner.query<{ userId: string; sessionId: string }>(
      'SELECT owner_id AS "userId", id AS "sessionId" FROM sessions',
    );
    return await Promise.all(rows.map(tokenOf));
  } finally {
    await owner.end();
  }
}

const tokens = createTokens({ keys: [keyOfSecret(JWT_SECRET)], clock: systemClock });
const LIFETIME_MS = 86_400_000;

/** An access token for a session that is stored, good for a day. */
export function tokenOf(session: { userId: string; sessionId: string }): Promise<string> {
  const expiresAt = new Date(systemClock.now().getTime() + LIFETIME_MS);
  return tokens.sign({ ...session, tokenVersion: 0, expiresAt });
}
