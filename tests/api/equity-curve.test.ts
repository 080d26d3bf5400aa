import { describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { userViewer } from '../../src/services/platform/viewer.ts';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { createRecordedMarket } from '../support/recorded-market.ts';

const house = await openTestApp();
const graph = openGraph(house);
const ada = await house.addPerson('ada');
const bob = await house.addPerson('bob');
const market = createRecordedMarket(house.database);
const owner = userViewer({ userId: ada.id, role: 'USER' });
const modelId = await market.addModel(owner);
const account = await market.openAt(owner, '2025-10-01T13:30:00Z', { modelId });
const qqq = await market.addRecorded('QQQ');
await market.addBars(
  qqq,
  ['01', '02', '03'].map((day, index) => ({
    ...{ openTime: `2025-10-${day}T13:30:00Z`, closeTime: `2025-10-${day}T20:00:00Z` },
    close: 500 + 10 * index,
  })),
);
await market.trade(account, qqq, { quantity: 2, price: 490, at: '2025-10-01T13:30:00Z' });
await market.computeEquity(account);

const ofAccount = `accountId: "${encodeGlobalId('Account', account.id)}"`;
const ofModel = `modelId: "${encodeGlobalId('Model', modelId)}"`;
const WHOLE = `{ currency from to pointCount points { at equity cash unrealizedPnl }
  benchmark { symbol return from to points { at value } } }`;
const ask = (args: string, token?: string, selection = WHOLE) =>
  graph.ask(`{ equityCurve(${args}) ${selection} }`, token === undefined ? {} : { token });

describe('equityCurve', () => {
  test('answers its owner with decimals as strings and times in UTC', async () => {
    const { body } = await ask(`${ofAccount}, benchmark: "QQQ"`, ada.token);
    // Two shares at 490: 9020 in cash; at 500, 510 and 520.
    const point = (day: string, equity: string, unrealizedPnl: string) => ({
      ...{ at: `2025-10-${day}T20:00:00.000Z`, equity, cash: '9020', unrealizedPnl },
    });
    expect(body.data).toEqual({
      equityCurve: {
        currency: 'USD',
        from: '2025-09-03T20:00:00.000Z',
        to: '2025-10-03T20:00:00.000Z',
        pointCount: 4,
        points: [
          {
            ...{ at: '2025-10-01T13:30:00.000Z', equity: '10000', cash: '10000' },
            unrealizedPnl: '0',
          },
          point('01', '10020', '20'),
          point('02', '10040', '40'),
          point('03', '10060', '60'),
        ],
        benchmark: {
          symbol: 'QQQ',
          return: '0.04',
          from: '2025-10-01T20:00:00.000Z',
          to: '2025-10-03T20:00:00.000Z',
          points: [
            { at: '2025-10-01T20:00:00.000Z', value: '10000' },
            { at: '2025-10-02T20:00:00.000Z', value: '10200' },
            { at: '2025-10-03T20:00:00.000Z', value: '10400' },
          ],
        },
      },
    });
  });

  test('answers anyone about a public model, and nobody else about its account', async () => {
    const own = await ask(`${ofModel}, points: 3`, ada.token);
    expect((await ask(`${ofModel}, points: 3`)).body.data).toEqual(own.body.data);
    for (const token of [bob.token, undefined]) {
      const { body } = await ask(ofAccount, token);
      expect([body.data, body.errors]).toEqual([{ equityCurve: null }, undefined]);
    }
  });

  test.each([
    ['neither an account nor a model', 'points: 5'],
    ['both', `${ofAccount}, ${ofModel}`],
    ['one point', `${ofModel}, points: 1`],
    ['too many points', `${ofModel}, points: 5001`],
    [
      'a window turned round',
      `${ofModel}, from: "2025-10-02T00:00:00Z", to: "2025-10-01T00:00:00Z"`,
    ],
  ])('refuses %s', async (_what, args) => {
    const { body } = await ask(args, ada.token);
    expect(body.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(body.data).toEqual({ equityCurve: null });
  });

  test('costs by its points, and 5,000 of them can be asked for', async () => {
    const costOf = async (points: number) => {
      const { body } = await ask(`${ofModel}, points: ${String(points)}, benchmark: "QQQ"`);
      expect(body.errors).toBeUndefined();
      return (body.extensions?.['cost'] as { requested: number }).requested;
    };
    const [few, many] = [await costOf(20), await costOf(5_000)];
    // What lies beneath is paid once for each twenty points.
    expect(many - 1).toBe((few - 1) * 250);
  });
});

test('the benchmark is for those who may read the market', async () => {
  const closed = await openTestApp({ variables: { PUBLIC_MARKET_DATA: 'false' } });
  const itsMarket = createRecordedMarket(closed.database);
  const itsOwner = await itsMarket.addPerson();
  const itsModel = await itsMarket.addModel(itsOwner);
  await itsMarket.openAt(itsOwner, '2025-10-01T13:30:00Z', { modelId: itsModel });
  const index = await itsMarket.addRecorded('QQQ');
  const bar = (day: string, close: number) => ({
    ...{ openTime: `2025-10-${day}T13:30:00Z`, closeTime: `2025-10-${day}T20:00:00Z`, close },
  });
  await itsMarket.addBars(index, [bar('01', 777), bar('02', 888)]);
  const { body } = await openGraph(closed).ask(
    `{ equityCurve(modelId: "${encodeGlobalId('Model', itsModel)}", from: "2025-09-30T00:00:00Z",
      to: "2025-10-03T00:00:00Z", benchmark: "QQQ") ${WHOLE} }`,
  );
  expect(body.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  expect(JSON.stringify(body.data)).toContain('"benchmark":null');
  expect(JSON.stringify(body.data)).toContain('"equity":"10000"');
});
