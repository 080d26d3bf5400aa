import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { createFixedClock } from '../support/fixed-clock.ts';
import { openGraph } from '../support/graph-call.ts';
import { createTradingFloor } from '../support/trading-floor.ts';

// Friday, 2026-11-27, an hour before New York opens for half a day.
const clock = createFixedClock('2026-11-27T13:30:00Z');
const house = await openTestApp({ clock });
const graph = openGraph(house);
const floor = createTradingFloor(house.database, clock);
const ada = await house.addPerson('ada');
await floor.addInstrument({ symbol: 'SHARE', calendar: 'US_STOCKS' });
await floor.addInstrument({ symbol: '600000.SH', calendar: 'CN_STOCKS', zone: 'Asia/Shanghai' });

const place = async (symbol: string, timeInForce: string) => {
  const { id } = await floor.openAccount(userViewer({ userId: ada.id, role: 'USER' }), '10000');
  const text = `mutation ($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      __typename
      ... on PlaceOrderSuccess { order { status expiresAt } }
      ... on MarketClosedError { code symbol opensAt }
      ... on CalendarUnknownError { code symbol calendar validUntil }
    }
  }`;
  const input = {
    accountId: Buffer.from(`Account:${id}`).toString('base64url'),
    ...{ symbol, side: 'BUY', quantity: '1', type: 'LIMIT', limitPrice: '100', timeInForce },
    clientOrderId: randomUUID(),
  };
  return (await graph.ask(text, { variables: { input }, token: ada.token })).body.data;
};

describe('an instrument', () => {
  const hoursOf = async (symbol: string) => {
    const text = `query ($symbol: String!) {
      instrument(symbol: $symbol) {
        calendar isOpen nextOpen nextClose calendarValidUntil session { day opensAt closesAt }
      }
    }`;
    const { body } = await graph.ask(text, { variables: { symbol }, token: ada.token });
    return body.data?.['instrument'];
  };

  test('tells its hours', async () => {
    expect(await hoursOf('SHARE')).toEqual({
      ...{ calendar: 'US_STOCKS', isOpen: false, calendarValidUntil: '2028-12-31' },
      nextOpen: '2026-11-27T14:30:00.000Z',
      nextClose: '2026-11-27T18:00:00.000Z',
      session: {
        day: '2026-11-27',
        opensAt: '2026-11-27T14:30:00.000Z',
        closesAt: '2026-11-27T18:00:00.000Z',
      },
    });
    expect(await hoursOf('ACME.SIM')).toMatchObject({
      ...{ calendar: 'ALWAYS', isOpen: true, nextOpen: null, nextClose: null },
      calendarValidUntil: null,
    });
  });
});

describe('an order while its market is closed', () => {
  test('is denied by name if it fills at once', async () => {
    expect(await place('SHARE', 'IOC')).toMatchObject({
      placeOrder: {
        ...{ __typename: 'MarketClosedError', code: 'MARKET_CLOSED', symbol: 'SHARE' },
        opensAt: '2026-11-27T14:30:00.000Z',
      },
    });
  });

  test('is taken if it can wait', async () => {
    expect(await place('SHARE', 'DAY')).toMatchObject({
      placeOrder: { order: { status: 'ACCEPTED', expiresAt: '2026-11-27T18:00:00.000Z' } },
    });
  });

  test('is denied by name where nobody knows', async () => {
    // After the last session that China has announced, and before New Year.
    clock.set('2026-12-31T07:00:00Z');
    const token = await house.logIn(ada);
    Object.assign(ada, { token });
    expect(await place('600000.SH', 'GTC')).toMatchObject({
      placeOrder: {
        ...{ __typename: 'CalendarUnknownError', code: 'CALENDAR_UNKNOWN' },
        ...{ symbol: '600000.SH', calendar: 'CN_STOCKS', validUntil: '2026-12-31' },
      },
    });
  });
});
