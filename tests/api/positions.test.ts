import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';

const house = await openTestApp();
const graph = openGraph(house);
const ada = await house.addPerson('ada');

interface Positions {
  readonly totalCount: number;
  readonly nodes: readonly { readonly quantity: string; readonly closedAt: string | null }[];
}

const { createAccount } = await graph.data<{ createAccount: { account: { id: string } } }>(
  `mutation { createAccount(input: { name: "Elsewhere", kind: EXTERNAL, startingCash: "1000",
    idempotencyKey: "positions" }) { ... on CreateAccountSuccess { account { id } } } }`,
  { token: ada.token },
);
const { id } = createAccount.account;

/** Reports a trade of now, and answers with its time. */
async function report(side: string, quantity: string): Promise<string> {
  // No two trades are of the same millisecond, so that each has a past of its own.
  await pause(2);
  const executedAt = new Date().toISOString();
  const input = { accountId: id, tradeId: executedAt, symbol: 'ACME.SIM', side, quantity };
  const { recordTrade } = await graph.data<{ recordTrade: object }>(
    `mutation ($input: RecordTradeInput!) { recordTrade(input: $input) { __typename } }`,
    { token: ada.token, variables: { input: { ...input, price: '10', executedAt } } },
  );
  expect(recordTrade).toEqual({ __typename: 'RecordTradeSuccess' });
  return executedAt;
}

// One that is closed: 2 bought and sold. One that is held: 3.
const boughtAt = await report('BUY', '2');
const soldAt = await report('SELL', '2');
await report('BUY', '3');

const FIELDS = 'totalCount nodes { quantity closedAt }';

/** The same list from its two places, which must agree. */
async function positions(given: string): Promise<Positions> {
  const inner = given === '' ? '' : `(${given})`;
  const { viewer, all } = await graph.data<{
    readonly viewer: { readonly account: { readonly positions: Positions } };
    readonly all: Positions;
  }>(
    `query ($id: ID!) {
      viewer { account(id: $id) { positions${inner} { ${FIELDS} } } }
      all: positions${inner} { ${FIELDS} }
    }`,
    { token: ada.token, variables: { id } },
  );
  expect(viewer.account.positions).toEqual(all);
  return all;
}

const held = { quantity: '3', closedAt: null };
const closed = { quantity: '0', closedAt: soldAt };

describe('positions', () => {
  test.each(['', 'status: null', 'status: OPEN'])(
    'with (%s) are those that are held',
    async (given) => {
      expect(await positions(given)).toEqual({ totalCount: 1, nodes: [held] });
    },
  );

  test('that were closed are there for who asks', async () => {
    expect(await positions('status: CLOSED')).toEqual({ totalCount: 1, nodes: [closed] });
    expect(await positions('status: ALL')).toEqual({ totalCount: 2, nodes: [held, closed] });
  });

  test('are paged over what is shown alone', async () => {
    const page = (given: string) =>
      graph.data<{ positions: { pageInfo: { hasNextPage: boolean; endCursor: string } } }>(
        `{ positions(first: 1, ${given}) { pageInfo { hasNextPage endCursor } } }`,
        { token: ada.token },
      );
    expect((await page('status: OPEN')).positions.pageInfo.hasNextPage).toBe(false);
    const { pageInfo } = (await page('status: ALL')).positions;
    expect(pageInfo.hasNextPage).toBe(true);
    const after = `after: "${pageInfo.endCursor}"`;
    expect((await positions(`status: ALL, ${after}`)).nodes).toEqual([closed]);
    expect((await positions(after)).nodes).toEqual([]);
  });

  test('of a time are those that were held then', async () => {
    const at = async (time: string, status: string) => {
      const { positions } = await graph.data<{ positions: Positions }>(
        `{ positions(asOf: "${time}"${status}) { ${FIELDS} } }`,
        { token: ada.token },
      );
      return positions;
    };
    const heldThen = { totalCount: 1, nodes: [{ quantity: '2', closedAt: null }] };
    expect(await at(boughtAt, '')).toEqual(heldThen);
    expect(await at(boughtAt, ', status: ALL')).toEqual(heldThen);
    expect(await at(soldAt, '')).toEqual({ totalCount: 0, nodes: [] });
    expect(await at(soldAt, ', status: CLOSED')).toEqual({ totalCount: 1, nodes: [closed] });
  });
});
