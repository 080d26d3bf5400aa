import { describe, expect, test } from 'vitest';
import { IdempotencyConflict, NotFound } from '../../../src/services/platform/errors.ts';
import { AccountKindMismatch, TradeOutOfOrder } from '../../../src/services/portfolio/errors.ts';
import type { RecordTrade } from '../../../src/services/portfolio/trade-reports.ts';
import { openPortfolioHouse } from '../../support/portfolio-house.ts';
import { decimal } from '../../support/trading-floor.ts';

const house = await openPortfolioHouse();
const { reports, owner, stranger, floor, key, time } = house;
const acme = await floor.addInstrument({ symbol: 'ACME' });
await floor.addInstrument({ symbol: 'EURO', currency: 'EUR' });

const open = () =>
  house.accounts.create(owner, {
    ...{ name: 'Elsewhere', kind: 'EXTERNAL', currency: 'USD', startingCash: decimal('100') },
    ...key(),
  });
const report = (accountId: string, given: Partial<RecordTrade> = {}): RecordTrade => ({
  ...{ accountId, symbol: 'ACME', side: 'BUY', tradeId: 't-1', executedAt: time.clock.now() },
  ...{ quantity: decimal('1.5'), price: decimal('100'), fee: decimal('0.25') },
  ...given,
});

describe('a reported trade', () => {
  test('is booked as any trade is, below zero where it was so', async () => {
    const account = await open();
    const trade = await reports.record(owner, report(account.id));
    expect(trade).toMatchObject({ source: 'EXTERNAL', brokerTradeId: 't-1' });
    // 100 − 1.5 × 100 − 0.25 = −50.25
    expect((await house.newest(account)).cash.toFixed()).toBe('-50.25');
    expect(await house.held(account)).toEqual(['1.5 for 150']);
    const events = await house.books.events(account);
    expect(events.map(({ type }) => type)).toEqual([
      ...['BalanceChanged', 'TradeExecuted', 'PositionChanged', 'BalanceChanged'],
    ]);
  });

  test('is booked once for its id, told again or many times at once', async () => {
    const account = await open();
    const command = report(account.id);
    const told = await Promise.all(Array.from({ length: 8 }, () => reports.record(owner, command)));
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    const before = await house.books.of(account);
    const again = { ...command, quantity: decimal('1.50') };
    expect((await reports.record(owner, again)).id).toBe(told[0]?.id);
    for (const other of [
      { quantity: decimal(2) },
      { side: 'SELL' },
      { fee: decimal(0) },
      { price: decimal('123.45') },
      { executedAt: new Date(command.executedAt.getTime() - 1) },
    ] as const) {
      await expect(reports.record(owner, { ...command, ...other })).rejects.toThrow(
        IdempotencyConflict,
      );
    }
    expect(await house.books.of(account)).toEqual(before);
  });

  test('of an older time than the newest of its instrument is refused with that time', async () => {
    const account = await open();
    const first = await reports.record(owner, report(account.id));
    const before = await house.books.of(account);
    const executedAt = new Date(first.executedAt.getTime() - 1);
    time.advance(60_000);
    const { id: accountId } = await open();
    const early = report(accountId, { executedAt });
    await expect(reports.record(owner, early)).rejects.toMatchObject({ field: 'executedAt' });
    // Another account of the same owner was open by then.
    await reports.record(
      owner,
      report(account.id, { tradeId: 't-2', executedAt: time.clock.now() }),
    );
    const late = report(account.id, { tradeId: 't-3', executedAt: first.executedAt });
    await expect(reports.record(owner, late)).rejects.toEqual(
      new TradeOutOfOrder(time.clock.now()),
    );
    expect(await house.books.of(account)).not.toEqual(before);
  });

  test.each([
    ['symbol', { symbol: 'EURO' }],
    ['quantity', { quantity: decimal(0) }],
    ['quantity', { quantity: decimal('1e-19') }],
    ['price', { price: decimal(-1) }],
    ['fee', { fee: decimal(-1) }],
    ['fee', { fee: decimal('0.005') }],
    ['quantity', { quantity: decimal('999999999999999'), price: decimal('999999999999999') }],
    ['price', { fee: decimal('999999999999999'), quantity: decimal('9e14'), price: decimal(1) }],
    ['tradeId', { tradeId: 'a b' }],
    ['executedAt', { executedAt: new Date('2030-01-01T00:00:00Z') }],
  ] as const)('with a wrong %s is refused, and nothing is booked', async (field, given) => {
    const account = await open();
    const before = await house.books.of(account);
    await expect(reports.record(owner, report(account.id, given))).rejects.toMatchObject({ field });
    expect(await house.books.of(account)).toEqual(before);
  });

  test('is refused when the position grows beyond what a split leaves room for', async () => {
    const account = await open();
    const say = (tradeId: string, side: 'BUY' | 'SELL') =>
      reports.record(
        owner,
        report(account.id, {
          ...{ tradeId, side, quantity: decimal('999999999999999'), price: decimal('0.000001') },
        }),
      );
    await say('a', 'BUY');
    const before = await house.books.of(account);
    // 999,999,999,999,999 × 2 is above 1e15.
    await expect(say('b', 'BUY')).rejects.toMatchObject({ field: 'quantity' });
    expect(await house.books.of(account)).toEqual(before);
    await say('c', 'SELL');
    expect(await house.held(account)).toEqual([]);
  });

  test('is for accounts that are traded elsewhere, of the owner, and known symbols', async () => {
    const account = await open();
    const paper = await floor.openAccount(owner, '1000');
    const before = [await house.books.of(account), await house.books.of(paper)];
    await expect(reports.record(owner, report(paper.id))).rejects.toThrow(AccountKindMismatch);
    await expect(reports.record(stranger, report(account.id))).rejects.toThrow(NotFound);
    const unknown = report(account.id, { symbol: 'NOTHING' });
    await expect(reports.record(owner, unknown)).rejects.toThrow(NotFound);
    expect([await house.books.of(account), await house.books.of(paper)]).toEqual(before);
  });

  test('goes short, and through zero, as what it tells did', async () => {
    const account = await open();
    const say = (tradeId: string, side: 'BUY' | 'SELL', quantity: string, price: string) =>
      reports.record(
        owner,
        report(account.id, {
          ...{ tradeId, side, quantity: decimal(quantity), price: decimal(price) },
          fee: decimal(0),
        }),
      );
    // DOMAIN's example: 10 @ 10 and 10 @ 20 cost 300, average 15; 5 @ 18 realize 5 × 3 = 15; 20 @ 12 close
    // 15 at 15 × (12 − 15) = −45 and open a short of 5 for 60.
    await say('a', 'BUY', '10', '10');
    await say('b', 'BUY', '10', '20');
    expect((await say('c', 'SELL', '5', '18')).realizedGross.toFixed()).toBe('15');
    expect((await say('d', 'SELL', '20', '12')).realizedGross.toFixed()).toBe('-45');
    expect(await house.held(account)).toEqual(['-5 for -60']);
    expect(acme.symbol).toBe('ACME');
  });
});
