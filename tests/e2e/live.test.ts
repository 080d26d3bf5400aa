import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeCursor } from '../../src/services/platform/event-log/cursor.ts';
import { createRandom } from '../../src/services/platform/random.ts';
import { openCuttableProxy } from '../support/cuttable-proxy.ts';
import { TRANSPORTS } from '../support/live-connection.ts';
import { listTradeIds, switchModel } from '../support/paper-accounts.ts';
import { followTrades } from '../support/trade-follower.ts';
import { until } from '../support/until.ts';
import { openLiveHouse } from './live-house.ts';

const ORDERS = 120;
/** No event has this position, and every one comes behind it. */
const BEGINNING = 0n;
const random = createRandom(20_261_121);

const house = await openLiveHouse();

describe('trades, live', () => {
  it('come once and in one order to a socket and an event stream, however often these are cut', async () => {
    const ways = await Promise.all(
      TRANSPORTS.map(async ({ connect }) => {
        const proxy = await openCuttableProxy(house.url);
        const follower = followTrades({
          connect: () => connect({ url: proxy.url, token: house.token }),
          pauseMs: () => 50 + random.next() * 700,
          after: encodeCursor(BEGINNING),
        });
        return { proxy, follower };
      }),
    );
    const followers = ways.map(({ follower }) => follower);
    let isTrading = true;
    const cutting = ways.map(async ({ proxy }) => {
      while (isTrading) {
        await delay(300 + random.next() * 1_200);
        proxy.cut();
      }
    });
    try {
      const isDemoSeen = () => followers.every(({ trades }) => trades.some(({ runId }) => runId));
      for (let placed = 0; placed < ORDERS || !isDemoSeen(); placed += 1) {
        await house.trade();
        await delay(placed < ORDERS ? 20 : 200);
      }
      await house.rest('after');
    } finally {
      isTrading = false;
      await Promise.all(cutting);
    }

    const made = await listTradeIds(house.graph);
    // Whether it is all of them, and in their order, is asked below.
    await until('both have as many', () =>
      followers.every(({ trades }) => trades.length >= made.length),
    ).catch(() => undefined);
    for (const { follower, proxy } of ways) {
      await follower.stop();
      await proxy.close();
    }
    const [first, second] = followers;
    expect(followers.map(({ gaps, errors }) => [...gaps, ...errors])).toEqual([[], []]);
    for (const { resumptions } of followers) expect(resumptions).toBeGreaterThan(3);
    expect(first?.trades.map(({ tradeId }) => tradeId).sort()).toEqual([...made].sort());
    expect(second?.trades).toEqual(first?.trades);
  }, 150_000);
});

interface OtherStream {
  readonly field: string;
  readonly query: string;
  readonly variables: () => Record<string, unknown>;
  readonly expected: Record<string, unknown>;
  /** Makes something to hear of. */
  readonly poke?: () => Promise<unknown>;
}

const OTHER_STREAMS: readonly OtherStream[] = [
  {
    field: 'balanceChanged',
    query: `subscription Balances($accountId: ID!) {
      balanceChanged(accountId: $accountId) { ... on BalanceChanged { account { id currency } } }
    }`,
    variables: () => ({ accountId: house.account.accountId }),
    expected: { account: { id: expect.any(String) as string, currency: 'USD' } },
    poke: () => house.trade(),
  },
  {
    field: 'agentLog',
    query: `subscription Log($modelId: ID!) {
      agentLog(modelId: $modelId) { ... on AgentLogged { entry { content model { name } } } }
    }`,
    variables: () => ({ modelId: house.demo.modelId }),
    expected: {
      entry: { content: expect.any(String) as string, model: { name: 'Momentum demo' } },
    },
  },
  {
    field: 'quotes',
    query: `subscription Quotes($symbols: [String!]!) {
      quotes(symbols: $symbols) { symbol source bid }
    }`,
    variables: () => ({ symbols: ['ACME.SIM'] }),
    expected: {
      symbol: 'ACME.SIM',
      source: 'SIMULATED',
      bid: expect.stringMatching(/^\d+(\.\d+)?$/) as string,
    },
  },
];
/** More than what a stream begins with. */
const RESULTS = 4;

describe('what else is followed', () => {
  beforeAll(async () => {
    await switchModel(house.graph, { id: house.demo.modelId, to: 'start', key: 'others' });
  });

  describe.concurrent.each(TRANSPORTS)('over $transport', ({ connect }) => {
    it.each(OTHER_STREAMS)('$field delivers', async (stream) => {
      const { field, query, variables, expected, poke } = stream;
      const connection = connect({ url: house.url, token: house.token });
      const operation = { query, variables: variables() };
      const results: unknown[] = [];
      for await (const { data, errors } of connection.iterate<Record<string, unknown>>(operation)) {
        expect(errors).toBeUndefined();
        results.push(data?.[field]);
        if (results.length === RESULTS) break;
        await poke?.();
      }
      connection.close();
      expect(results).toEqual(Array.from({ length: RESULTS }, () => expected));
    });
  });
});
