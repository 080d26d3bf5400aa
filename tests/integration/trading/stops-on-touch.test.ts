import { describe, expect, test } from 'vitest';
import { summaryOf } from '../../support/exchange.ts';
import { openOrderHouse } from './order-house.ts';

const house = await openOrderHouse();
const { database, time, floor, exchange, account, acme, place, newest, quote } = house;
const { limit, stop, until, fillsOf, settled } = house;

describe('a stop goes off on touch', () => {
  const sale = { quantity: '10', side: 'SELL' } as const;
  const touched = ['FILLED', '10', '0'];

  test('also when the price is back before anything could be done', async () => {
    quote();
    await place({ quantity: '10' });
    const order = await stop('95', sale);
    quote({ bid: '94', ask: '96' });
    quote();
    await until(order, touched);
    // At the market as it is by then.
    expect(await fillsOf(order)).toEqual(['10 @ 99']);
  });

  test('also by a price that came and went while the desk was at work', async () => {
    quote();
    await place({ quantity: '10' });
    const order = await stop('95', sale);
    const waiting = await limit('100', { quantity: '1' });
    let isBack = false;
    const last = exchange.quotes.onQuote(() => {
      if (isBack) return;
      isBack = true;
      quote({ bid: '94', ask: '100' });
      quote({ bid: '99', ask: '100' });
    });
    quote({ bid: '99', ask: '100' });
    last();
    await until(waiting, ['FILLED', '1', '0']);
    await until(order, touched);
  });

  test('but not by a price of before it was at the market', async () => {
    await database.query('UPDATE accounts SET latency_ms = 100 WHERE id = $1', [account().id]);
    await floor.hold(account(), acme(), '10');
    quote();
    const order = await stop('95', sale);
    quote({ bid: '94', ask: '96' });
    await settled();
    time.advance(50);
    quote({ bid: '94', ask: '96' });
    quote();
    await settled();
    time.advance(50);
    await settled();
    expect(summaryOf(await newest(order))).toEqual(['ACCEPTED', '0', '0']);
    quote({ bid: '95', ask: '96' });
    quote();
    await until(order, touched);
  });
});
