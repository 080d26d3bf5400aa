import { setTimeout as delay } from 'node:timers/promises';
import { encodeCursor } from '../../../src/services/platform/event-log/cursor.ts';
import { createRandom } from '../../../src/services/platform/random.ts';
import { createGraphClient, type GraphClient } from '../../support/graph-client.ts';
import { TRANSPORTS } from '../../support/live-connection.ts';
import { listTradeIds, openAccount, placeOrder } from '../../support/paper-accounts.ts';
import { followTrades, type TradeFollower } from '../../support/trade-follower.ts';
import { until } from '../../support/until.ts';
import { startCluster, type Cluster } from './cluster.ts';

export interface SoakOptions {
  readonly minutes: number;
  /** Half of them over sockets, half over server-sent events; half of either for each of two people. */
  readonly clients: number;
  readonly redisRestarts: number;
  readonly serverKills: number;
  /** How often all servers and workers are replaced, one after the other. */
  readonly rolls: number;
  readonly seed: number;
}

/** What every client got, beside what is in the log. */
export interface SoakResult {
  readonly clients: number;
  readonly trades: number;
  readonly deliveries: number;
  readonly lost: number;
  readonly doubled: number;
  readonly foreign: number;
  readonly disordered: number;
  readonly gaps: number;
  readonly resumptions: number;
  readonly cuts: number;
  /** Queries that failed while nothing was killed or cut; counted in rolls alone. */
  readonly queries: number;
  readonly failedQueries: number;
  /** Why the first of these failed. */
  readonly failures: readonly string[];
}

interface Person {
  readonly token: string;
  readonly graph: GraphClient;
  readonly accountId: string;
}

const SYMBOLS = ['ACME.SIM', 'BORE.SIM', 'CIRR.SIM', 'EMBR.SIM'];
const TRADE_EVERY_MS = 150;
const CUT_EVERY_MS = 400;
/** Of all connections, each time. */
const CUT_SHARE = 0.02;
const FAILURES_SHOWN_MAX = 5;

/** Two people trade, many clients follow, and meanwhile things break; see {@link SoakOptions}. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const random = createRandom(options.seed);
  const cluster = await startCluster({
    ...{ servers: 3, workers: 2 },
    environment: { OPEN_STREAM_LIMIT_PER_ADDRESS: '5000', OPEN_STREAM_LIMIT_PER_PERSON: '5000' },
  });
  const stop = new AbortController();
  const background: Promise<unknown>[] = [];
  const followers: { readonly person: Person; readonly follower: TradeFollower }[] = [];
  try {
    const people = [
      await personOf(cluster, cluster.demo.accessToken, 'Soaked'),
      await personOf(cluster, await logIn(cluster, 'admin'), 'Soaked too'),
    ];
    for (let n = 0; n < options.clients; n += 1) {
      const [person, way] = [people[n % 2], TRANSPORTS[(n >> 1) % TRANSPORTS.length]];
      if (!person || !way) throw new Error('There is nobody to follow.');
      const { token } = person;
      const follower = followTrades({
        connect: () => way.connect({ url: cluster.proxy.url, token }),
        pauseMs: () => 50 + random.next() * 500,
        after: encodeCursor(0n),
      });
      followers.push({ person, follower });
    }
    const [queries, failed]: [number[], string[]] = [[0], []];
    let cuts = 0;
    background.push(
      ...people.map((person) => trade(person, stop.signal, failed, queries)),
      (async () => {
        while (!stop.signal.aborted) {
          await delay(CUT_EVERY_MS);
          if (options.rolls === 0) cuts += cluster.proxy.cut(() => random.next() < CUT_SHARE);
        }
      })(),
    );
    await misfortunes(cluster, options);
    stop.abort();
    await Promise.all(background);
    const made = await settle(people, followers);
    await Promise.all(followers.map(({ follower }) => follower.stop()));
    // The demo trades on: what came since is somebody's own only if it is in the list of now.
    const madeSince = await readMade(people);
    return {
      ...judge(followers, { made, madeSince }),
      ...{ clients: options.clients, cuts, queries: queries[0] ?? 0, failedQueries: failed.length },
      failures: failed.slice(0, FAILURES_SHOWN_MAX),
    };
  } finally {
    stop.abort();
    await Promise.allSettled(background);
    await Promise.all(followers.map(({ follower }) => follower.stop()));
    await cluster.close();
  }
}

/** Restarts, kills and rolls, evenly over the time. */
async function misfortunes(cluster: Cluster, options: SoakOptions): Promise<void> {
  const { minutes, redisRestarts, serverKills, rolls } = options;
  const acts = [
    ...Array.from({ length: redisRestarts }, () => async () => {
      await cluster.redis.stop();
      await delay(1_000);
      await cluster.redis.start();
    }),
    ...Array.from({ length: serverKills }, (_, n) => () => cluster.killServer(n % 3)),
    ...Array.from({ length: rolls }, () => () => cluster.roll()),
  ];
  const endMs = performance.now() + minutes * 60_000;
  const pauseMs = (minutes * 60_000) / (acts.length + 1);
  for (const act of acts) {
    await delay(pauseMs);
    await act();
  }
  await delay(Math.max(0, endMs - performance.now()));
}

async function trade(
  { graph, accountId }: Person,
  signal: AbortSignal,
  failed: string[],
  queries: number[],
): Promise<void> {
  for (let n = 0; !signal.aborted; n += 1) {
    await delay(TRADE_EVERY_MS);
    const symbol = SYMBOLS[n % SYMBOLS.length] ?? '';
    const wanted = { accountId, symbol, side: 'BUY', quantity: '1' } as const;
    queries[0] = (queries[0] ?? 0) + 1;
    await placeOrder(graph, { ...wanted, clientOrderId: `soak-${accountId}-${String(n)}` }).catch(
      (error: unknown) => failed.push(describe(error)),
    );
  }
}

function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  return `${String(error)} ${cause}`;
}

async function logIn({ proxy, demo }: Cluster, login: string): Promise<string> {
  const graph = createGraphClient({ url: proxy.url });
  const { logIn: answer } = await graph.request<{ logIn: { accessToken: string } }>(
    `mutation ($input: LogInInput!) {
      logIn(input: $input) { ... on LogInSuccess { accessToken } }
    }`,
    { input: { login, password: demo.passwords[login] } },
  );
  return answer.accessToken;
}

async function personOf({ proxy }: Cluster, token: string, name: string): Promise<Person> {
  const graph = createGraphClient({ url: proxy.url, token });
  const { accountId } = await openAccount(graph, name);
  return { token, graph, accountId };
}

type Made = ReadonlyMap<Person, readonly string[]>;

async function readMade(people: readonly Person[]): Promise<Made> {
  const made = new Map<Person, readonly string[]>();
  for (const person of people) made.set(person, await listTradeIds(person.graph));
  return made;
}

type Following = readonly { readonly person: Person; readonly follower: TradeFollower }[];

/** Waits until no trade is added and each client has as many as were made. */
async function settle(people: readonly Person[], followers: Following): Promise<Made> {
  let made: Made = new Map();
  const look = async (): Promise<number> => {
    made = await readMade(people);
    return [...made.values()].reduce((sum, { length }) => sum + length, 0);
  };
  let before = -1;
  await until('nothing is traded any more', async () => {
    const now = await look();
    const isQuiet = now === before;
    before = now;
    if (!isQuiet) await delay(2_000);
    return isQuiet;
  });
  const hasAll = () =>
    followers.every(
      ({ person, follower }) => follower.trades.length >= (made.get(person)?.length ?? 0),
    );
  await until('every client has all', hasAll).catch(() => undefined);
  return made;
}

function judge(
  followers: Following,
  { made, madeSince }: { readonly made: Made; readonly madeSince: Made },
) {
  const sum = { deliveries: 0, lost: 0, doubled: 0, foreign: 0, disordered: 0 };
  const orders = new Map<Person, string>();
  for (const { person, follower } of followers) {
    const expected = new Set(made.get(person));
    const got = follower.trades.map(({ tradeId }) => tradeId);
    const distinct = new Set(got);
    sum.deliveries += got.length;
    sum.lost += [...expected].filter((id) => !distinct.has(id)).length;
    sum.doubled += got.length - distinct.size;
    const own = new Set(madeSince.get(person));
    sum.foreign += [...distinct].filter((id) => !own.has(id)).length;
    const order = got.filter((id) => expected.has(id)).join();
    if ((orders.get(person) ?? order) !== order) sum.disordered += 1;
    orders.set(person, orders.get(person) ?? order);
  }
  return {
    ...sum,
    trades: [...made.values()].reduce((all, { length }) => all + length, 0),
    gaps: followers.reduce((all, { follower }) => all + follower.gaps.length, 0),
    resumptions: followers.reduce((all, { follower }) => all + follower.resumptions, 0),
  };
}
