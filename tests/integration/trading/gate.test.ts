import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import {
  AccountNotActive,
  CurrencyMismatch,
  InstrumentNotTradable,
  InsufficientFunds,
  InsufficientPosition,
  InvalidQuantity,
  NoQuote,
  OrderDenied,
} from '../../../src/services/trading/errors.ts';
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
const acme = await floor.addInstrument({ symbol: 'ACME.SIM', feeBps: decimal(10) });
const quiet = await floor.addInstrument({ symbol: 'QUIET.SIM' });
const halted = await floor.addInstrument({ symbol: 'HALTED.SIM', isTradable: false });
const euro = await floor.addInstrument({ symbol: 'EURO.SIM', currency: 'EUR' });

let account: Account;
beforeEach(async () => {
  account = await floor.openAccount(owner, '10000');
  for (const instrument of [acme, halted, euro]) quote(instrument);
  quote(quiet, { time: new Date(Date.now() - 15_000) });
});

interface Refused {
  readonly kind: new (...numbers: never[]) => OrderDenied;
  readonly order: Parameters<typeof place>[2];
  readonly prepare?: () => Promise<unknown>;
}
const one = { instrument: acme, quantity: '1' };
const close = () =>
  database.query(`UPDATE accounts SET status = 'CLOSED' WHERE id = $1`, [account.id]);

describe('an order that the gate refuses', () => {
  test.each<[string, Refused]>([
    ['an account that is closed', { kind: AccountNotActive, order: one, prepare: close }],
    ['a halted instrument', { kind: InstrumentNotTradable, order: { ...one, instrument: halted } }],
    ['another currency', { kind: CurrencyMismatch, order: { ...one, instrument: euro } }],
    ['a quantity off the lot', { kind: InvalidQuantity, order: { ...one, quantity: '1.5' } }],
    ['a quote of 15 seconds ago', { kind: NoQuote, order: { ...one, instrument: quiet } }],
    ['more than the cash', { kind: InsufficientFunds, order: { ...one, quantity: '95' } }],
    ['more than is held', { kind: InsufficientPosition, order: { ...one, side: 'SELL' } }],
  ])('for %s is stored as DENIED and changes nothing else', async (_what, refused) => {
    await refused.prepare?.();
    const before = await books.of(account);
    const order = { ...refused.order, clientOrderId: randomUUID() };
    const first = await refusalOf(place(owner, account, order));
    expect(first).toBeInstanceOf(refused.kind);
    expect(await books.of(account)).toEqual(before);

    if (!(first instanceof OrderDenied)) throw new Error('It is no denial.');
    const { orderId: id, code: reason_code, message: reason } = first;
    expect(await books.orders(account)).toEqual([{ id, status: 'DENIED', reason_code, reason }]);
    expect(await books.history(id ?? '')).toEqual(['1 - PENDING', '2 PENDING DENIED']);
    const events = await books.events(account);
    expect(events.map(({ type }) => type)).toEqual(['BalanceChanged', 'OrderChanged']);

    // The same request again, when it could pass by now: the first answer, with all of its numbers.
    quote(order.instrument);
    expect(await refusalOf(place(owner, account, order))).toEqual(first);
    expect(await books.orders(account)).toHaveLength(1);
  });

  test('can be corrected by another order', async () => {
    await expect(place(owner, account, { ...one, quantity: '95' })).rejects.toThrow(/is free/);
    expect((await place(owner, account, { ...one, quantity: '94' })).status).toBe('ACCEPTED');
  });
});

test('the books are clean after all of this', async () => {
  const audit = await auditLedger(database.worker);
  expect(audit.checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
});
