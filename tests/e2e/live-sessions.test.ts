import { describe, expect, it } from 'vitest';
import { createTokens } from '../../src/services/accounts/tokens.ts';
import { systemClock } from '../../src/services/platform/clock.ts';
import { keyOfSecret } from '../../src/services/platform/config/token-keys.ts';
import { createGraphClient } from '../support/graph-client.ts';
import { connectBySocket, connectBySse, type LiveConnection } from '../support/live-connection.ts';
import { TRADES_SUBSCRIPTION } from '../support/trade-follower.ts';
import { until } from '../support/until.ts';
import { JWT_SECRET, openLiveHouse } from './live-house.ts';

const house = await openLiveHouse();

describe('a session that ends', () => {
  /** Reads trades to the end of the stream; what came is in `ids` and `errors` as it comes. */
  function readTrades(connection: LiveConnection) {
    const clientOrderIds: string[] = [];
    const codes: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const { data, errors } of connection.iterate<TradesResult>({
        query: TRADES_SUBSCRIPTION,
      })) {
        codes.push(...(errors ?? []).map(({ extensions }) => extensions?.['code']));
        const id = data?.tradeExecuted.trade?.order?.clientOrderId;
        if (id !== undefined) clientOrderIds.push(id);
      }
    };
    const ended = read().catch(() => undefined);
    return { clientOrderIds, codes, ended };
  }

  /** The same token as the demo's, but not for long: its session is a day's. */
  async function shortToken(lifetimeMs: number): Promise<string> {
    const tokens = createTokens({ keys: [keyOfSecret(JWT_SECRET)], clock: systemClock });
    const claims = await tokens.verify(house.token);
    const expiresAt = new Date(systemClock.now().getTime() + lifetimeMs);
    return tokens.sign({ ...claims, expiresAt });
  }

  async function logIn(): Promise<string> {
    const password = house.program.demo?.passwords['trader'];
    const { logIn: answer } = await createGraphClient({ url: house.url }).request<{
      logIn: { accessToken?: string };
    }>(
      `mutation LogIn($input: LogInInput!) {
        logIn(input: $input) { ... on LogInSuccess { accessToken } }
      }`,
      { input: { login: 'trader', password } },
    );
    if (answer.accessToken === undefined) throw new Error('The log-in was refused.');
    return answer.accessToken;
  }

  async function logOut(of: string): Promise<void> {
    const client = createGraphClient({ url: house.url, token: of });
    const { logOut: answer } = await client.request<{ logOut: { __typename: string } }>(
      'mutation { logOut { __typename } }',
    );
    expect(answer.__typename).toBe('LogOutSuccess');
  }

  const LIFETIME_MS = 12_000;

  it.concurrent('closes its socket with 4403 when the token expires', async () => {
    const expiring = await shortToken(LIFETIME_MS);
    const startedMs = performance.now();
    const connection = connectBySocket({ url: house.url, token: expiring });
    const { clientOrderIds, ended } = readTrades(connection);
    const seen = await house.trade();
    await until('the trade is seen', () => clientOrderIds.includes(seen), LIFETIME_MS);
    const { code } = await connection.closed;
    const lastedMs = performance.now() - startedMs;
    await ended;
    expect(code).toBe(4403);
    // A token expires at a whole second, and never before its time.
    expect(lastedMs).toBeGreaterThan(LIFETIME_MS - 1_000);
  });

  it.concurrent('ends its event stream with UNAUTHENTICATED when the token expires', async () => {
    const connection = connectBySse({
      url: house.url,
      token: await shortToken(LIFETIME_MS),
    });
    const { codes, ended } = readTrades(connection);
    await ended;
    connection.close();
    expect(codes).toEqual(['UNAUTHENTICATED']);
  });

  it('gets no trade behind the log-out, and its socket closes with 4401', async () => {
    for (let round = 0; round < 3; round += 1) {
      const session = await logIn();
      const connection = connectBySocket({ url: house.url, token: session });
      const { clientOrderIds, ended } = readTrades(connection);
      const last = await house.trade();
      await until('the stream runs', () => clientOrderIds.includes(last));
      // A trade at the same time may come before or not at all.
      await Promise.all([house.trade(), logOut(session)]);
      const behind = [await house.trade(), await house.trade()];
      const { code } = await connection.closed;
      await ended;
      expect(code).toBe(4401);
      for (const id of behind) expect(clientOrderIds).not.toContain(id);
    }
  });

  it('gets no trade behind the log-out, and its event stream ends with UNAUTHENTICATED', async () => {
    const session = await logIn();
    const connection = connectBySse({ url: house.url, token: session });
    const { clientOrderIds, codes, ended } = readTrades(connection);
    const last = await house.trade();
    await until('the stream runs', () => clientOrderIds.includes(last));
    await logOut(session);
    const behind = await house.trade();
    await ended;
    connection.close();
    expect(codes).toEqual(['UNAUTHENTICATED']);
    expect(clientOrderIds).not.toContain(behind);
  });
});

interface TradesResult {
  readonly tradeExecuted: {
    readonly trade?: { readonly order: { readonly clientOrderId: string } | null };
  };
}
