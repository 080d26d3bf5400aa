import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Account } from '../../../src/services/platform/prisma/client.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { lockAccount } from '../../../src/services/portfolio/locks.ts';
import { createDisconnectSweeper } from '../../../src/services/trading/disconnect-sweeper.ts';
import { createDisconnectSwitches } from '../../../src/services/trading/disconnect-switches.ts';
import { decimal } from '../../support/trading-floor.ts';
import { openOrderHouse } from './order-house.ts';

const house = await openOrderHouse();
const { database, time, floor, exchange, owner, acme, newest, quote } = house;

const logger = {
  error: (fields: object, message: string) => void exchange.errors.push({ fields, message }),
};
const sweeper = createDisconnectSweeper({
  ...{ workerDb: database.worker, clock: time.clock, timers: time.timers, logger },
  onCanceled: exchange.engine.drop,
});

/** An account with an open order, whose switch fires `inMs` from now. */
async function openWithSwitch(inMs: number) {
  const account = await floor.openAccount(owner, '1000');
  const order = await exchange.place(owner, account, {
    ...{ instrument: acme(), type: 'LIMIT', limitPrice: decimal(90), quantity: '1' },
  });
  const now = time.clock.now();
  await database.query(
    `INSERT INTO disconnect_switches (id, owner_id, account_id, armed_at, expires_at)
     VALUES ($1, $2, $3, $4, $5)`,
    [randomUUID(), owner.userId, account.id, now, new Date(now.getTime() + inMs)],
  );
  return { account, order };
}

async function openThree() {
  quote();
  return [await openWithSwitch(1), await openWithSwitch(2), await openWithSwitch(3)] as const;
}

const statusesOf = (opened: Awaited<ReturnType<typeof openThree>>) =>
  Promise.all(opened.map(async ({ order }) => (await newest(order)).status));

async function whileLocked({ id }: Account, work: () => Promise<void>): Promise<void> {
  await database.worker.withViewer(systemViewer(), async (tx) => {
    await lockAccount(tx, id);
    await work();
  });
}

test('a switch that cannot be fired holds up no other, and is tried again', async () => {
  const opened = await openThree();
  const [{ account }] = opened;
  // The database refuses to free more than is held back.
  await database.query('UPDATE accounts SET reserved = 1 WHERE id = $1', [account.id]);
  time.advance(1_000);
  expect(await sweeper.sweep()).toBe(2);
  expect(await statusesOf(opened)).toEqual(['ACCEPTED', 'CANCELED', 'CANCELED']);
  expect(exchange.errors.splice(0)).toHaveLength(1);
  await database.query('UPDATE accounts SET reserved = 90 WHERE id = $1', [account.id]);
  expect(await sweeper.sweep()).toBe(1);
  expect(await statusesOf(opened)).toEqual(['CANCELED', 'CANCELED', 'CANCELED']);
});

test('a switch whose account somebody has holds up no other', async () => {
  const opened = await openThree();
  time.advance(1_000);
  await whileLocked(opened[0].account, async () => {
    expect(await sweeper.sweep()).toBe(2);
    expect(await statusesOf(opened)).toEqual(['ACCEPTED', 'CANCELED', 'CANCELED']);
  });
  expect(exchange.errors.splice(0)).toHaveLength(1);
  expect(await sweeper.sweep()).toBe(1);
});

test('an older socket in another process does not push the end of the newer one', async () => {
  const account = await floor.openAccount(owner, '1000');
  const processes = [0, 1].map(() =>
    createDisconnectSwitches({
      ...{ db: database.server, workerDb: database.worker, portfolios: floor.portfolios, logger },
      ...{ clock: time.clock, timers: time.timers },
    }),
  );
  const [first, second] = processes;
  const isOpen = { onClose: () => undefined };
  const command = { accountId: account.id, isArmed: true, graceSeconds: 10 };
  await first?.set(owner, command, isOpen);
  time.advance(1_000);
  await second?.set(owner, command, isOpen);
  const armedAt = time.clock.now();
  // The second process dies; the first goes on.
  first?.start();
  time.advance(5_000);
  await first?.stop();
  const rows = await database.query<{ expires_at: Date }>(
    'SELECT expires_at FROM disconnect_switches WHERE account_id = $1',
    [account.id],
  );
  expect(rows).toEqual([{ expires_at: new Date(armedAt.getTime() + 10_000) }]);
});
