import { describe, expect, test } from 'vitest';
import type { Account } from '../../../src/services/platform/prisma/client.ts';
import type { AccountFigures } from '../../../src/services/portfolio/account-figures.ts';
import { openPortfolioHouse } from '../../support/portfolio-house.ts';
import { decimal } from '../../support/trading-floor.ts';

const house = await openPortfolioHouse();
const { figures, owner, floor, key, time, exchange, cash } = house;
const HOUR_MS = 3_600_000;

const figuresOf = async ({ id }: Account): Promise<AccountFigures> => {
  const found = (await figures.figures(owner, [id])).get(id);
  if (!found) throw new Error('There are no figures.');
  return found;
};
const dayPnl = async (account: Account): Promise<string | undefined> => {
  const day = (await figures.days(owner, [account])).get(account.id);
  return day && (await figuresOf(account)).equity.minus(day.equity).minus(day.flows).toFixed();
};

describe('the figures of an account', () => {
  test('of one that holds nothing are its cash', async () => {
    const account = await floor.openAccount(owner, '1000');
    const found = await figuresOf(account);
    expect([found.marketValue.toFixed(), found.equity.toFixed()]).toEqual(['0', '1000']);
    expect([found.oldestMarkAt, found.isStale, found.byAssetClass]).toEqual([undefined, false, []]);
  });

  test('add up over quotes, and say how old the oldest price is', async () => {
    const account = await floor.openAccount(owner, '1000');
    const acme = await floor.addInstrument();
    const coin = await floor.addInstrument({ assetClass: 'CRYPTO', lotSize: decimal('0.1') });
    await house.trade(account, acme, { quantity: '10', price: '20', fee: '1' });
    await house.trade(account, coin, { quantity: '0.5', price: '100' });
    const old = new Date(time.clock.now().getTime() - 20_000);
    exchange.quote(acme, { bid: '25', ask: '26' });
    exchange.quote(coin, { bid: '90', ask: '91', time: old });
    const found = await figuresOf(account);
    // 10 × 25 + 0.5 × 90 = 295; cash 1,000 − 200 − 1 − 50 = 749; equity 1,044; 295 − 250 = 45
    expect([found.marketValue.toFixed(), found.equity.toFixed()]).toEqual(['295', '1044']);
    expect(found.unrealizedPnl.toFixed()).toBe('45');
    expect([found.oldestMarkAt, found.isStale]).toEqual([old, true]);
    const classes = found.byAssetClass.map(({ assetClass, marketValue, share, positions }) => [
      ...[assetClass, marketValue.toFixed(), share?.toFixed(4), positions],
    ]);
    // 45 / 1,044 and 250 / 1,044
    expect(classes).toEqual([
      ['CRYPTO', '45', '0.0431', 1],
      ['STOCK', '250', '0.2395', 1],
    ]);
  });

  test('count what has no price at what it was traded at last', async () => {
    const account = await floor.openAccount(owner, '1000');
    const acme = await floor.addInstrument();
    await house.trade(account, acme, { quantity: '10', price: '20' });
    await house.trade(account, acme, { quantity: '10', price: '30' });
    const found = await figuresOf(account);
    // 20 × 30, and 1,000 − 500 in cash
    expect([found.equity.toFixed(), found.isStale]).toEqual(['1100', true]);
  });

  test('sum up what trades realized and cost', async () => {
    const account = await floor.openAccount(owner, '1000');
    const acme = await floor.addInstrument();
    await house.trade(account, acme, { quantity: '10', price: '20', fee: '1' });
    await house.trade(account, acme, { side: 'SELL', quantity: '4', price: '25', fee: '0.5' });
    const found = (await figures.totals(owner, [account.id])).get(account.id);
    // 4 × (25 − 20)
    expect([found?.realizedPnl.toFixed(), found?.fees.toFixed()]).toEqual(['20', '1.5']);
  });
});

describe('the profit of a day', () => {
  test('begins at midnight in the zone of the account, without deposits and withdrawals', async () => {
    const account = await floor.openAccount(owner, '1000');
    const [acme, bolt] = [await floor.addInstrument(), await floor.addInstrument()];
    await house.trade(account, acme, { quantity: '10', price: '20' });
    await house.trade(account, bolt, { quantity: '1', price: '50' });
    exchange.quote(acme, { bid: '21', ask: '22' });
    // Opened today: all that it is worth beyond its deposit, 10 × (21 − 20) and bolt at its own price.
    expect(await dayPnl(account)).toBe('10');

    // 15:00 UTC is 9:00 in Chicago: 16 hours later the next day has begun there, at 06:00 UTC.
    await addBar(acme.id, new Date(time.clock.now().getTime() + HOUR_MS), '23');
    time.advance(16 * HOUR_MS);
    exchange.quote(acme, { bid: '24', ask: '25' });
    // 10 × (24 − 23)
    expect(await dayPnl(account)).toBe('10');
    await cash.deposit(owner, { accountId: account.id, amount: decimal('500'), ...key() });
    await cash.withdraw(owner, { accountId: account.id, amount: decimal('40'), ...key() });
    expect(await dayPnl(account)).toBe('10');
    // All of bolt is sold at 53: 3 more, less the fee of 1.
    await house.trade(account, bolt, { side: 'SELL', quantity: '1', price: '53', fee: '1' });
    expect(await dayPnl(account)).toBe('12');
  });
});

function addBar(instrumentId: string, closeTime: Date, close: string) {
  return house.database.query(
    `INSERT INTO bars VALUES ($1, 'MINUTE_1', $2::timestamptz - interval '1 minute', $2, $2, $3, $3,
       $3, $3, 1, 'SIMULATED')`,
    [instrumentId, closeTime, close],
  );
}
