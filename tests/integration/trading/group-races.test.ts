import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRandom } from '../../../src/services/platform/random.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { OrderNotCancelable, OrderNotReplaceable } from '../../../src/services/trading/errors.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createExchange } from '../../support/exchange.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import type { Account, Instrument, Order } from '../../../src/services/platform/prisma/client.ts';

const RACES = Number(process.env['GROUP_RACES'] ?? 150);
const ACCOUNTS = 8;

const database = await createTestDatabase();
const floor = createTradingFloor(database);
const exchange = createExchange(database, floor);
const owner = await floor.addPerson();
const accounts: Account[] = [];
const instruments: Instrument[] = [];
for (let index = 0; index < ACCOUNTS; index += 1) {
  accounts.push(await floor.openAccount(owner, '10000000'));
  instruments.push(await floor.addInstrument({ feeBps: decimal(10) }));
}
const random = createRandom(7);
const oneOf = <Item>(items: readonly Item[]): Item => {
  const item = items[Math.floor(random.next() * items.length)];
  if (item === undefined) throw new Error('There is none.');
  return item;
};

/** Prices that jump between both legs, and sizes of one or two, so that legs fill in parts as well. */
const streamQuotes = () =>
  systemTimers.every(5, () => {
    for (const instrument of instruments) {
      const bid = oneOf(['94', '99', '106']);
      exchange.quote(instrument, {
        ...{ bid, ask: decimal(bid).plus(1).toFixed() },
        ...{ bidSize: oneOf(['1', '2']), askSize: oneOf(['1', '3', '100']) },
      });
    }
  });

/** A bracket of three around 100, and what its owner does about it while it trades. */
async function play(): Promise<void> {
  const entry = await exchange.place(owner, oneOf(accounts), {
    ...{ instrument: oneOf(instruments), quantity: '3', type: 'LIMIT', limitPrice: decimal(108) },
    ...{ orderClass: 'BRACKET', takeProfit: { limitPrice: decimal(109) } },
    stopLoss: { stopPrice: decimal(95) },
  });
  const where = { groupId: String(entry.groupId) };
  const act = async (): Promise<void> => {
    const order = oneOf(await exchange.orders.list(owner, { where }, {}));
    if (random.next() < 0.5) await cancel(order);
    else await replace(order);
  };
  await Promise.all([act(), act(), act()]);
}

const expected = (error: unknown): void => {
  if (error instanceof OrderNotCancelable || error instanceof OrderNotReplaceable) return;
  throw error;
};
const cancel = ({ id: orderId }: Order) =>
  exchange.orders.cancel(owner, { orderId, idempotencyKey: randomUUID() }).catch(expected);
const replace = ({ id: orderId, leg }: Order) => {
  const change =
    leg === 'STOP_LOSS'
      ? { stopPrice: decimal(oneOf([93, 96])) }
      : { limitPrice: decimal(oneOf([105, 107])) };
  const command = { orderId, clientOrderId: randomUUID(), ...change };
  // A leg that is moved past the entry's price, or the other way round, is refused.
  return exchange.orders.replace(owner, command).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'PriceOnWrongSide') expected(error);
  });
};

test(`${String(RACES)} brackets race fills, cancels and replacements: no share is sold twice`, async () => {
  await exchange.engine.start();
  const endQuotes = streamQuotes();
  let left = RACES;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await play();
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  endQuotes();
  await exchange.engine.stop();
  expect(exchange.errors).toEqual([]);

  // What a group took out is what it took in, or less by what its owner let stand open.
  const groups = await database.query<{ bought: string; sold: string; open: string; ways: string }>(
    `SELECT sum(filled_quantity) FILTER (WHERE leg = 'ENTRY')::text AS bought,
       sum(filled_quantity) FILTER (WHERE leg <> 'ENTRY')::text AS sold,
       coalesce(max(quantity - filled_quantity) FILTER (WHERE leg <> 'ENTRY'
         AND status IN ('ACCEPTED', 'TRIGGERED', 'PARTIALLY_FILLED')), 0)::text AS open,
       coalesce(string_agg(DISTINCT leg || ' ' || status, ', ') FILTER (WHERE filled_quantity > 0), 'NOTHING') AS ways
     FROM orders GROUP BY group_id`,
  );
  expect(groups).toHaveLength(RACES);
  for (const { bought, sold, open } of groups) {
    expect(decimal(sold).lessThanOrEqualTo(bought)).toBe(true);
    if (Number(open) > 0)
      expect(decimal(bought).minus(sold).toFixed()).toBe(decimal(open).toFixed());
  }
  // Of the two legs of a group that work, both have the same left.
  const uneven = await database.query(
    `SELECT group_id FROM orders WHERE leg <> 'ENTRY'
       AND status IN ('ACCEPTED', 'TRIGGERED', 'PARTIALLY_FILLED')
     GROUP BY group_id HAVING count(*) <> 2 OR min(quantity - filled_quantity) <> max(quantity - filled_quantity)`,
  );
  expect(uneven).toEqual([]);
  const short = await database.query('SELECT 1 FROM positions WHERE quantity < 0');
  expect(short).toEqual([]);
  const { checks } = await auditLedger(database.worker);
  expect(checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
  // A race that ends one way is none.
  expect(new Set(groups.map(({ ways }) => ways)).size).toBeGreaterThan(4);
}, 600_000);
