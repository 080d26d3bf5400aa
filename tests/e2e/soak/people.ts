import { setTimeout as delay } from 'node:timers/promises';
import { encodeCursor } from '../../../src/services/platform/event-log/cursor.ts';
import { findInGlobalId } from '../../../src/schema/global-ids.ts';
import { createGraphClient, type GraphClient } from '../../support/graph-client.ts';
import { TRANSPORTS } from '../../support/live-connection.ts';
import { openAccount, placeOrder } from '../../support/paper-accounts.ts';
import { followTrades, type TradeFollower } from '../../support/trade-follower.ts';
import { until } from '../../support/until.ts';
import type { Cluster } from './cluster.ts';
import { haveAll, judge, readOwners, type Following, type Judgement } from './judgement.ts';

/** Somebody who trades, behind the proxy. */
export interface Person {
  readonly userId: string;
  readonly token: string;
  readonly graph: GraphClient;
  readonly accountId: string;
}

/** How many queries and mutations were sent, and why those failed that did. */
export interface Tally {
  queries: number;
  readonly failures: string[];
}

const SYMBOLS = ['ACME.SIM', 'BORE.SIM', 'CIRR.SIM', 'EMBR.SIM'];
const TRADE_EVERY_MS = 150;
const ASK_EVERY_MS = 30;

/** The two people of the demo, each with an account of their own. */
export async function findPeople(cluster: Cluster): Promise<readonly Person[]> {
  return [
    await personOf(cluster, cluster.demo.accessToken, 'Soaked'),
    await personOf(cluster, await logIn(cluster, 'admin'), 'Soaked too'),
  ];
}

async function logIn({ url, demo }: Cluster, login: string): Promise<string> {
  const { logIn: answer } = await createGraphClient({ url }).request<{
    logIn: { accessToken: string };
  }>(
    `mutation ($input: LogInInput!) {
      logIn(input: $input) { ... on LogInSuccess { accessToken } }
    }`,
    { input: { login, password: demo.passwords[login] } },
  );
  return answer.accessToken;
}

async function personOf({ url }: Cluster, token: string, name: string): Promise<Person> {
  const graph = createGraphClient({ url, token });
  const { viewer } = await graph.request<{ viewer: { user: { id: string } } }>(
    '{ viewer { user { id } } }',
  );
  const { id: userId = '' } = findInGlobalId(viewer.user.id) ?? {};
  return { userId, token, graph, accountId: (await openAccount(graph, name)).accountId };
}

/** An order every moment, until it is told to stop; what fails is told in the tally. */
export async function trade({ graph, accountId }: Person, signal: AbortSignal, tally: Tally) {
  for (let n = 0; !signal.aborted; n += 1) {
    await delay(TRADE_EVERY_MS);
    const symbol = SYMBOLS[n % SYMBOLS.length] ?? '';
    const wanted = { accountId, symbol, side: 'BUY', quantity: '1' } as const;
    const clientOrderId = `soak-${accountId}-${String(n)}`;
    await count(tally, () => placeOrder(graph, { ...wanted, clientOrderId }));
  }
}

/** A query every moment. */
export async function ask({ graph }: Person, signal: AbortSignal, tally: Tally): Promise<void> {
  const query = '{ viewer { user { username } accounts(first: 5) { nodes { id cash } } } }';
  while (!signal.aborted) {
    await delay(ASK_EVERY_MS);
    await count(tally, () => graph.request(query));
  }
}

async function count(tally: Tally, send: () => Promise<unknown>): Promise<void> {
  tally.queries += 1;
  try {
    await send();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    tally.failures.push(`${new Date().toISOString()} ${String(error)} ${cause}`);
  }
}

/** Clients of each person, over sockets and over server-sent events, from the first trade on. */
export function followAll(
  people: readonly Person[],
  { url, clients, random }: { url: string; clients: number; random: () => number },
): readonly (Following & { readonly follower: TradeFollower })[] {
  return Array.from({ length: clients }, (_, n) => {
    const [person, way] = [people[n % people.length], TRANSPORTS[(n >> 1) % TRANSPORTS.length]];
    if (!person || !way) throw new Error('There is nobody to follow.');
    const follower = followTrades({
      connect: () => way.connect({ url, token: person.token }),
      pauseMs: () => 50 + random() * 500,
      after: encodeCursor(0n),
    });
    return { userId: person.userId, follower };
  });
}

/** Waits until each client has all that was made until now, and judges what they got. */
export async function judgeAll(
  { databaseUrl }: Cluster,
  followings: ReturnType<typeof followAll>,
): Promise<Judgement> {
  const made = await readOwners(databaseUrl);
  // Who has not all by the end of this has lost some.
  await until('every client has all', () => haveAll(followings, made)).catch(() => undefined);
  await Promise.all(followings.map(({ follower }) => follower.stop()));
  return judge(followings, { made, known: await readOwners(databaseUrl) });
}
