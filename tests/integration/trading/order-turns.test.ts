import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createDatabase } from '../../../src/services/platform/database.ts';
import { OrderDenied } from '../../../src/services/trading/errors.ts';
import { createOrders } from '../../../src/services/trading/orders.ts';
import type { Account } from '../../../src/services/platform/prisma/client.ts';
import type { AuthenticatedViewer } from '../../../src/services/platform/viewer.ts';
import { decimal } from '../../support/trading-floor.ts';
import { until } from '../../support/until.ts';
import { openRiskHouse } from './risk-house.ts';

const CLIENTS = 50;
const ACCOUNTS_EACH = 5;

const house = await openRiskHouse();
const { database, floor, time, exchange, owner, acme, quote, setLimits } = house;

/** Half as many connections as orders, and no engine: only the gate is raced. */
const db = createDatabase({
  url: database.serverUrl,
  poolSize: CLIENTS / 2,
  acquireTimeoutMs: 60_000,
  transactionTimeoutMs: 60_000,
  statementTimeoutMs: 60_000,
});
afterAll(() => db.close());
const { clock } = time;
const orders = createOrders({
  ...{ db, clock, ids: floor.ids, quotes: exchange.quotes },
  onAccepted: () => Promise.resolve(undefined),
});

afterEach(() => database.query('DELETE FROM risk_limits'));

interface Client {
  readonly person: AuthenticatedViewer;
  readonly account: Account;
}

async function accountsOf(person: AuthenticatedViewer): Promise<readonly Client[]> {
  const clients: Client[] = [];
  for (let count = 0; count < ACCOUNTS_EACH; count += 1) {
    clients.push({ person, account: await floor.openAccount(person, '10000') });
  }
  return clients;
}

/** Fifty orders at once, dealt out to the clients in turn. Answers with how each was answered. */
async function placeAll(clients: readonly Client[]): Promise<readonly string[]> {
  const rounds = Array.from({ length: CLIENTS / clients.length }, () => clients).flat();
  return Promise.all(
    rounds.map(async ({ person, account }) => {
      try {
        await orders.submit(person, {
          ...{ accountId: account.id, symbol: acme().symbol, side: 'BUY', type: 'LIMIT' },
          ...{ quantity: decimal(1), limitPrice: decimal(90), clientOrderId: randomUUID() },
        });
        return 'taken';
      } catch (error) {
        if (!(error instanceof OrderDenied)) throw error;
        return error.code;
      }
    }),
  );
}

const countOf = (answers: readonly string[], answer: string) =>
  answers.filter((each) => each === answer).length;

/** How many orders the accounts have that were not denied as too many. */
async function storedOf(clients: readonly Client[]): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `SELECT count(*)::int FROM orders
     WHERE account_id = ANY ($1::uuid[]) AND reason_code IS DISTINCT FROM 'TOO_MANY_ORDERS'`,
    [clients.map(({ account }) => account.id)],
  );
  return row?.count ?? 0;
}

const turnsWaitedFor = () =>
  database.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);

test('of a person are exactly as many as the limit, when fifty are placed at once', async () => {
  quote();
  const clients = await accountsOf(owner);
  await setLimits({ ordersPerMinute: 7 }, { scope: 'USER' });
  const answers = await placeAll(clients);
  expect(countOf(answers, 'taken')).toBe(7);
  expect(countOf(answers, 'TOO_MANY_ORDERS')).toBe(CLIENTS - 7);
  expect(await storedOf(clients)).toBe(7);
});

test('of the deployment are exactly as many, over several people with limits of their own', async () => {
  // What other tests placed is a minute ago.
  time.advance(60_000);
  quote();
  const stranger = await floor.addPerson();
  const [own, theirs] = [await accountsOf(owner), await accountsOf(stranger)];
  await setLimits({ ordersPerMinute: 4 }, { scope: 'USER' });
  await setLimits({ ordersPerMinute: 15 }, { scope: 'DEPLOYMENT' });
  // Twenty-five of each: at most four are the owner's.
  const answers = await placeAll([...own, ...theirs]);
  expect(countOf(answers, 'taken')).toBe(15);
  expect(await storedOf(own)).toBeLessThanOrEqual(4);
  expect(await storedOf([...own, ...theirs])).toBe(15);
  const [told] = await database.query<{ deadlocks: number }>(
    'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
  );
  expect(told?.deadlocks).toBe(0);
});

test('wait for a turn where somebody limits them over accounts, and only there', async () => {
  time.advance(60_000);
  quote();
  const clients = await accountsOf(owner);
  await setLimits({ ordersPerMinute: 3 });
  // Somebody has the turns of all, and keeps them.
  await database.query('BEGIN');
  const names = ['DEPLOYMENT', `USER ${owner.userId}`].map((name) => `tradegraph.turn ${name}`);
  await database.query(
    'SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) name',
    [names],
  );
  try {
    expect(countOf(await placeAll(clients), 'taken')).toBe(CLIENTS);
    await setLimits({ ordersPerMinute: 1_000 }, { scope: 'USER' });
    await setLimits({ ordersPerMinute: 1_000 }, { scope: 'DEPLOYMENT' });
    const placed = placeAll(clients);
    await until('an order waits', async () => (await turnsWaitedFor()).length > 0);
    await database.query('ROLLBACK');
    expect(countOf(await placed, 'taken')).toBe(CLIENTS);
  } finally {
    await database.query('ROLLBACK');
  }
});
