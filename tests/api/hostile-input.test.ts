import { describe, expect, test } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';

const house = await openTestApp();
const graph = openGraph(house);

/** A list in a list, `levels` deep. JSON.parse takes it; whoever walks it by recursion may not. */
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

async function post(body: string) {
  const response = await graph.send({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return { status: response.status, text: await response.text() };
}

describe('input that nobody means well', () => {
  test.each([
    'bars(symbol: "ACME.SIM", interval: MINUTE_1, first: 1, from: "0000-01-01T00:00:00Z") { nodes { open } }',
    'bars(symbol: "ACME.SIM", interval: MINUTE_1, first: 1, to: "0000-01-01T00:00:00Z") { nodes { open } }',
    'leaderboard(asOf: "0000-01-01T00:00:00.000Z") { asOf }',
    'agentLogs(modelId: "x", date: "0000-01-01", first: 1) { nodes { id } }',
  ])('a year that the database does not know: %s', async (field) => {
    const { body } = await graph.ask(`{ ${field} }`);
    expect(body.errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['BAD_USER_INPUT']);
  });

  test.each([
    'leaderboard(window: YEAR_1, asOf: "0001-01-01T00:00:00Z") { window }',
    'equityCurve(modelId: "TW9kZWw6MDE5YTFmZTgtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw", to: "0001-01-01T00:00:00Z") { to }',
  ])('a window that reaches before all years: %s', async (field) => {
    const { body } = await graph.ask(`{ ${field} }`);
    expect(body.errors).toBeUndefined();
  });

  test('variables nested 100,000 levels deep', async () => {
    const query = 'query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    const { text } = await post(
      `{"query":${JSON.stringify(query)},"variables":{"ids":${nested(100_000)}}}`,
    );
    expect(text).toContain('nested 32 levels deep');
    expect(text).toContain('BAD_USER_INPUT');
  });

  test('a variable with a character that cannot be stored', async () => {
    const { body } = await graph.ask(
      'query Q($symbol: String!) { instrument(symbol: $symbol) { id } }',
      {
        variables: { symbol: 'ACME\0' },
      },
    );
    expect(body.errors?.[0]?.message).toContain('"$symbol"');
    expect(body.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
  });

  test('a GET whose variables are no JSON', async () => {
    const path = '/graphql?query=%7Bhealth%7Bstatus%7D%7D&variables=%7B';
    const response = await graph.send({ method: 'GET' }, path);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      errors: [
        {
          message: 'The parameter "variables" holds no JSON.',
          extensions: { code: 'BAD_USER_INPUT', field: 'variables' },
        },
      ],
    });
  });
});
