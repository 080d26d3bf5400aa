import { describe, expect, test } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';
import { serve } from '../support/served.ts';

const house = await openTestApp();
const graph = openGraph(house);
const server = await serve(house);
const ada = await house.addPerson('ada');
const origin = new URL(server.url).origin;

async function openAccount(kind: 'PAPER' | 'EXTERNAL', key: string): Promise<string> {
  const { createAccount } = await graph.data<{ createAccount: { account: { id: string } } }>(
    `mutation ($input: CreateAccountInput!) {
      createAccount(input: $input) { ... on CreateAccountSuccess { account { id } } }
    }`,
    {
      token: ada.token,
      variables: { input: { name: 'Mine', kind, startingCash: '1000', idempotencyKey: key } },
    },
  );
  return createAccount.account.id;
}

describe('an account of an owner', () => {
  test('tells its figures, each of the same time, and its ledger', async () => {
    const id = await openAccount('PAPER', 'figures');
    const { viewer } = await graph.data<{ viewer: { account: Record<string, unknown> } }>(
      `query ($id: ID!) { viewer { account(id: $id) {
        cash equity marketValue unrealizedPnl realizedPnl fees dayPnl
        asOf { oldestMarkAt isStale }
        totalsByAssetClass { assetClass }
        ledger { totalCount nodes { cause amount trade { id } } }
        statement(from: "2020-01-01T00:00:00Z", to: "2029-01-01T00:00:00Z") { closingCash deposits }
      } } }`,
      { token: ada.token, variables: { id } },
    );
    expect(viewer.account).toEqual({
      ...{ cash: '1000', equity: '1000', marketValue: '0', unrealizedPnl: '0' },
      ...{ realizedPnl: '0', fees: '0', dayPnl: '0', totalsByAssetClass: [] },
      asOf: { oldestMarkAt: null, isStale: false },
      ledger: { totalCount: 1, nodes: [{ cause: 'DEPOSIT', amount: '1000', trade: null }] },
      statement: { closingCash: '1000', deposits: '1000' },
    });
  });
});

describe('the link of a statement', () => {
  const link = async (accountId: string) => {
    const { createStatement } = await graph.data<{ createStatement: { path: string } }>(
      `mutation ($id: ID!) { createStatement(input: { accountId: $id,
        from: "2020-01-01T00:00:00Z", to: "2029-01-01T00:00:00Z" }) {
        ... on CreateStatementSuccess { path expiresAt } } }`,
      { token: ada.token, variables: { id: accountId } },
    );
    return createStatement.path;
  };

  test('is downloaded as a file, without a log-in', async () => {
    const path = await link(await openAccount('PAPER', 'download'));
    const answer = await fetch(`${origin}${path}`);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="statement-2020-01-01-2029-01-01.csv"',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(await answer.text()).toContain('DEPOSIT,,,,,1000,1000,USD');
  });

  test('that was changed leads nowhere', async () => {
    const path = await link(await openAccount('PAPER', 'changed'));
    for (const wrong of [`${path}A`, path.slice(0, -3), '/statements/']) {
      const answer = await fetch(`${origin}${wrong}`);
      expect([answer.status, await answer.text()]).toEqual([404, '']);
    }
  });
});
