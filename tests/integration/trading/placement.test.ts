import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  Forbidden,
  IdempotencyConflict,
  InvalidInput,
  NotFound,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import { toPayload } from '../../../src/services/platform/payload.ts';
import { anonymousViewer, userViewer } from '../../../src/services/platform/viewer.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import {
  InsufficientFunds,
  InsufficientPosition,
  InvalidQuantity,
} from '../../../src/services/trading/errors.ts';
import { parseOrderChanged } from '../../../src/services/trading/events.ts';
import { createBooks, refusalOf } from '../../support/books.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createExchange } from '../../support/exchange.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';
import type { Account } from '../../../src/services/platform/prisma/client.ts';

const database = await createTestDatabase();
const floor = createTradingFloor(database);
// No engine runs: orders stay as they were accepted.
const { place, quote } = createExchange(database, floor, {
  orders: { onAccepted: async () => undefined },
});
const books = createBooks(database);
const owner = await floor.addPerson();
const stranger = await floor.addPerson();
const acme = await floor.addInstrument({ symbol: 'ACME.SIM', feeBps: decimal(10) });

let account: Account;
beforeEach(async () => {
  account = await floor.openAccount(owner, '10000');
  quote(acme);
});

describe('placing an order', () => {
  test('stores it with its history, holds its cash back, and tells both', async () => {
    const order = await place(owner, account, { instrument: acme, quantity: '20' });
    // 20 × 101 × 1.05 = 2,121.00, and 10 bps of that = 2.121 → 2.12
    expect([order.status, order.version, order.reserved.toFixed()]).toEqual([
      'ACCEPTED',
      3,
      '2123.12',
    ]);
    expect(await books.history(order.id)).toEqual([
      '1 - PENDING',
      '2 PENDING SUBMITTED',
      '3 SUBMITTED ACCEPTED',
    ]);
    const [, changed, balance] = await books.events(account);
    expect([changed?.type, balance?.type]).toEqual(['OrderChanged', 'BalanceChanged']);
    expect(toPayload({ ...parseOrderChanged(changed?.payload) })).toEqual(toPayload({ ...order }));
    expect(balance?.payload).toMatchObject({
      cash: '10000',
      reserved: '2123.12',
      buyingPower: '7876.88',
    });
  });

  test('counts on no cash that another open order holds back', async () => {
    await place(owner, account, { instrument: acme, quantity: '60' }); // 6,369.36 held back
    const refusal = await refusalOf(place(owner, account, { instrument: acme, quantity: '60' }));
    expect(refusal).toBeInstanceOf(InsufficientFunds);
    expect(refusal).toMatchObject({
      code: 'INSUFFICIENT_FUNDS',
      required: decimal('6369.36'), // 60 × 106.05 = 6,363, and 6.363 → 6.36
      available: decimal('3630.64'),
    });
  });

  test('sells what is held and in no other open order', async () => {
    await floor.hold(account, acme, '10');
    const first = await place(owner, account, { instrument: acme, side: 'SELL', quantity: '7' });
    expect([first.status, first.reserved.toFixed()]).toEqual(['ACCEPTED', '0']);
    const refusal = await refusalOf(
      place(owner, account, { instrument: acme, side: 'SELL', quantity: '4' }),
    );
    expect(refusal).toBeInstanceOf(InsufficientPosition);
    expect(refusal).toMatchObject({ required: decimal(4), available: decimal(3) });
    await place(owner, account, { instrument: acme, side: 'SELL', quantity: '3' });
  });
});

describe('an order that cannot be stored', () => {
  test.each([
    ['nothing', '0', InvalidQuantity],
    ['a negative quantity', '-1', InvalidQuantity],
    ['no number', 'NaN', InvalidQuantity],
    ['everything', 'Infinity', InvalidQuantity],
    ['too much', '1e15', InvalidQuantity],
    ['nineteen decimals', '0.0000000000000000001', InvalidQuantity],
  ])('for %s is refused', async (_what, quantity, kind) => {
    const refusal = await refusalOf(place(owner, account, { instrument: acme, quantity }));
    expect(refusal).toBeInstanceOf(kind);
    expect(await books.orders(account)).toEqual([]);
  });

  test.each(['', 'x'.repeat(129)])(
    'for the client order id "%s" is refused',
    async (clientOrderId) => {
      const order = { instrument: acme, quantity: '1', clientOrderId };
      await expect(place(owner, account, order)).rejects.toThrow(InvalidInput);
      expect(await books.orders(account)).toEqual([]);
    },
  );

  test("answers a stranger's account like one that never was", async () => {
    const before = await books.of(account);
    const order = { instrument: acme, quantity: '1' };
    const refusals = await Promise.all([
      refusalOf(place(stranger, account, order)),
      refusalOf(place(stranger, { id: randomUUID() }, order)),
      refusalOf(place(stranger, { id: 'nonsense' }, order)),
    ]);
    for (const refusal of refusals) expect(refusal).toEqual(new NotFound('Account'));
    expect([await books.of(account), await books.orders(account)]).toEqual([before, []]);
    // An administrator reads what is others', and does not trade with it.
    const admin = userViewer({ userId: stranger.userId, role: 'ADMIN' });
    await expect(place(admin, account, order)).rejects.toThrow(NotFound);
    expect([await books.of(account), await books.orders(account)]).toEqual([before, []]);
  });

  test('needs someone who is logged in and may trade, and an instrument', async () => {
    const order = { instrument: acme, quantity: '1' };
    await expect(place(anonymousViewer(), account, order)).rejects.toThrow(Unauthenticated);
    const viewer = userViewer({ userId: owner.userId, role: 'VIEWER' });
    await expect(place(viewer, account, order)).rejects.toThrow(Forbidden);
    const unknown = { ...acme, symbol: 'NOWHERE' };
    await expect(place(owner, account, { ...order, instrument: unknown })).rejects.toThrow(
      NotFound,
    );
    expect(await books.orders(account)).toEqual([]);
  });
});

describe('the client order id', () => {
  test('makes one order of twenty requests at once', async () => {
    const order = { instrument: acme, quantity: '5', clientOrderId: 'one' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => place(owner, account, order)),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(await books.orders(account)).toHaveLength(1);
    expect(await books.of(account)).toMatchObject([{ reserved: '530.780000000000000000' }]); // 530.25 + 0.53
  });

  test('stands for the same order in other digits, and for no other', async () => {
    const order = { instrument: acme, quantity: '5', clientOrderId: 'two' };
    const { id } = await place(owner, account, order);
    expect((await place(owner, account, { ...order, quantity: '5.00' })).id).toBe(id);
    const before = await books.of(account);
    await expect(place(owner, account, { ...order, quantity: '6' })).rejects.toThrow(
      IdempotencyConflict,
    );
    await expect(place(owner, account, { ...order, side: 'SELL' })).rejects.toThrow(
      IdempotencyConflict,
    );
    expect([await books.of(account), (await books.orders(account)).length]).toEqual([before, 1]);
  });

  test('stays taken when its idempotency key is gone', async () => {
    const order = { instrument: acme, quantity: '5', clientOrderId: 'three' };
    await place(owner, account, order);
    await database.query('DELETE FROM idempotency_keys');
    const before = await books.of(account);
    await expect(place(owner, account, order)).rejects.toThrow(IdempotencyConflict);
    expect([await books.of(account), (await books.orders(account)).length]).toEqual([before, 1]);
  });

  test('is free in another account', async () => {
    const other = await floor.openAccount(owner, '10000');
    const order = { instrument: acme, quantity: '5', clientOrderId: 'four' };
    const [one, two] = [await place(owner, account, order), await place(owner, other, order)];
    expect(one.id).not.toBe(two.id);
  });
});

test('the books are clean after all of this', async () => {
  const audit = await auditLedger(database.worker);
  expect(audit.checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
});
