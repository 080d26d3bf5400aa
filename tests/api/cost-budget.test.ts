import { describe, expect, it } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';

const house = await openTestApp({
  variables: { COST_BUDGET_ANONYMOUS: '5', COST_BUDGET_USER: '10', COST_BUDGET_ADMIN: '1000' },
});
const graph = openGraph(house);
/** Costs 2. */
const HEALTH = '{ health { status } }';

const refusalIn = ({ body }: Awaited<ReturnType<typeof graph.ask>>) =>
  body.errors?.map(({ extensions }) => extensions?.['code']);

describe('the budget of a minute', () => {
  it('is told with each answer and refuses what goes beyond it, before it runs', async () => {
    const { token } = await house.addPerson('ada');
    const costs = [];
    for (let n = 0; n < 4; n += 1) {
      const { body } = await graph.ask(HEALTH, { token });
      costs.push(body.extensions?.['cost']);
    }
    expect(costs).toMatchObject([8, 6, 4, 2].map((remaining) => ({ requested: 2, remaining })));
    const three = 'mutation { logOut { ... on LogOutSuccess { isLoggedOut } } }';
    const refused = await graph.ask(three, { token });
    expect(refusalIn(refused)).toBeUndefined();
    expect(refused.body.extensions?.['cost']).toMatchObject({ remaining: 0 });
  });

  it('refuses with the time to wait, and does nothing', async () => {
    const { token, id } = await house.addPerson('bob');
    for (let n = 0; n < 5; n += 1) await graph.ask(HEALTH, { token });
    const answer = await graph.ask('mutation { logOut { __typename } }', { token });
    expect(refusalIn(answer)).toEqual(['RATE_LIMITED']);
    expect(answer.status).toBe(429);
    const retry = answer.body.errors?.[0]?.extensions?.['retryAfterSeconds'];
    expect(retry).toBeGreaterThan(0);
    expect(retry).toBeLessThanOrEqual(60);
    const open = await house.database.query(
      'SELECT 1 FROM sessions WHERE owner_id = $1 AND revoked_at IS NULL',
      [id],
    );
    expect(open).toHaveLength(1);
  });

  it('is everyone’s own, by role, and one for all who come from an address', async () => {
    const admin = await house.addPerson('root', 'ADMIN');
    const { body } = await graph.ask('{ rateLimit { limit remaining } }', { token: admin.token });
    expect(body.data).toEqual({ rateLimit: { limit: 1_000, remaining: 997 } });
    expect(refusalIn(await graph.ask(HEALTH))).toBeUndefined();
    expect(refusalIn(await graph.ask(HEALTH))).toBeUndefined();
    expect(refusalIn(await graph.ask(HEALTH))).toEqual(['RATE_LIMITED']);
  });
});
