import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { encodeCursor } from '../../../src/services/platform/event-log/cursor.ts';
import { createRandom, type Random } from '../../../src/services/platform/random.ts';
import { createGraphClient, type GraphClient } from '../../support/graph-client.ts';
import { connectBySocket } from '../../support/live-connection.ts';
import { logInWith } from '../../support/order-changes.ts';
import {
  cancelAllOrders,
  findDemoModel,
  isModelStopped,
  openAccount,
  readPrices,
  switchModel,
  type PaperAccount,
} from '../../support/paper-accounts.ts';
import { startRedisServer, type RedisServer } from '../../support/redis-server.ts';
import {
  launchProgram,
  launchWorker,
  makeDataFolder,
  type RunningProgram,
} from '../../support/running-program.ts';
import { followTrades, type TradeFollower } from '../../support/trade-follower.ts';
import { until } from '../../support/until.ts';
import { announceActions } from './actions.ts';
import {
  auditFindings,
  countStored,
  followerFindings,
  logFindings,
  loggedTrades,
  orderFindings,
  type Findings,
} from './findings.ts';
import { timeOfFill } from './first-fill.ts';
import { startLoad, type SentOrder } from './load.ts';
import { embeddedDatabaseUrl, killPostgres } from './postgres.ts';

const VICTIMS = [
  ...(['worker', 'server and worker', 'server', 'server, worker and PostgreSQL'] as const),
  'PostgreSQL',
] as const;

/** What one round killed, and what was found after the restart. */
export interface Round {
  readonly round: number;
  readonly victim: (typeof VICTIMS)[number];
  readonly loadMs: number;
  readonly sent: number;
  readonly answered: number;
  /** Of those without an answer, how many had been stored. */
  readonly storedUnanswered: number;
  /** Until all that was killed ran again. */
  readonly restartMs: number;
  /** From then until an order at the market was filled. */
  readonly fillMs: number;
  /** In the log, since the first round. */
  readonly trades: number;
  /** How often the subscriber went on behind its cursor, since the first round. */
  readonly resumptions: number;
  readonly findings: Findings;
}

export interface KillOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly onRound?: (round: Round) => void;
}

const CLIENTS = 8;
/** Fewer accounts than clients: some clients trade the same account at once. */
const ACCOUNTS = 6;
/** Answered before the kill, so that there is something to lose; then it comes at any moment. */
const ANSWERED_MIN = 10;
const KILL_SPREAD_MS = 3_000;

type Worker = Awaited<ReturnType<typeof launchWorker>>;

/** What lives through all rounds. */
interface House {
  readonly dataDirectory: string;
  readonly random: Random;
  readonly token: string;
  /** Of the administrator, who announces splits and dividends. */
  readonly adminToken: string;
  readonly demo: PaperAccount;
  readonly accountIds: readonly string[];
  /** Every order of every round. */
  readonly sent: SentOrder[];
  readonly follower: TradeFollower;
  readonly redis: RedisServer;
  /** The API, and what runs behind it; others after each restart, at other ports. */
  readonly running: { program: RunningProgram; worker: Worker };
}

const apiOf = ({ dataDirectory, redis }: Pick<House, 'dataDirectory' | 'redis'>) =>
  launchProgram({
    dataDirectory,
    environment: { REDIS_URL: redis.url, PROCESS_PARTS: 'api' },
  });
const workerOf = ({ dataDirectory, redis }: Pick<House, 'dataDirectory' | 'redis'>) =>
  launchWorker({ dataDirectory, environment: { REDIS_URL: redis.url } });

/**
 * Runs the real programs, an API and a worker over Redis, under load, kills one of them or both with
 * `kill -9` at a random moment, and in some rounds PostgreSQL as well; starts them again on the same
 * data, and looks whether anything was lost, doubled or left half done. The same seed gives the same load and victims; the moments are the machine's.
 */
export async function killRounds({ rounds, seed, onRound }: KillOptions): Promise<Round[]> {
  const { folder, remove } = await makeDataFolder();
  const house = await openHouse(folder, createRandom(seed));
  const done: Round[] = [];
  try {
    for (let number = 1; number <= rounds; number += 1) {
      const round = await runRound(house, number);
      done.push(round);
      onRound?.(round);
    }
  } finally {
    await house.follower.stop();
    await house.running.worker.stop();
    await house.running.program.stop();
    await house.redis.stop();
    await remove();
  }
  return done;
}

async function openHouse(dataDirectory: string, random: Random): Promise<House> {
  const redis = await startRedisServer();
  const program = await apiOf({ dataDirectory, redis });
  const worker = await workerOf({ dataDirectory, redis });
  const token = program.demo?.accessToken ?? '';
  const graph = createGraphClient({ url: program.url, token });
  const password = program.demo?.passwords['admin'] ?? '';
  const adminToken = await logInWith(graph, { login: 'admin', password });
  const accountIds = [];
  for (let account = 1; account <= ACCOUNTS; account += 1) {
    accountIds.push((await openAccount(graph, `Account ${String(account)}`)).accountId);
  }
  const running = { program, worker };
  return {
    ...{ dataDirectory, redis, random, token, adminToken, running, accountIds, sent: [] },
    demo: await findDemoModel(graph),
    follower: followTrades({
      connect: () => connectBySocket({ url: running.program.url, token }),
      pauseMs: () => 50 + random.next() * 200,
      after: encodeCursor(0n),
    }),
  };
}

async function runRound(house: House, number: number): Promise<Round> {
  const { random, token, accountIds, demo, sent } = house;
  const victim = VICTIMS[(number - 1) % VICTIMS.length] ?? 'server';
  const before = createGraphClient({ url: house.running.program.url, token });
  if (number > 1) await switchDemo(before, house, { to: 'start', number });
  await until('there are prices', async () => (await readPrices(before)).size > 0);
  const load = startLoad({
    ...{ url: house.running.program.url, token, round: number, random },
    prices: await readPrices(before),
    accountIds: Array.from({ length: CLIENTS }, (_, client) => accountIds[client % ACCOUNTS] ?? ''),
  });
  await announceActions({ ...house, url: house.running.program.url, round: number });
  const loadedMs = performance.now();
  const isUnderWay = () => load.sent.filter(({ answer }) => answer).length >= ANSWERED_MIN;
  await until('orders are answered', isUnderWay);
  await delay(random.next() * KILL_SPREAD_MS);
  const loadMs = Math.round(performance.now() - loadedMs);
  await kill(house, victim);
  await load.stop();
  sent.push(...load.sent);

  const startedMs = performance.now();
  await restart(house);
  const restartMs = Math.round(performance.now() - startedMs);
  const graph = createGraphClient({ url: house.running.program.url, token });
  const client = new Client({ connectionString: embeddedDatabaseUrl(house.dataDirectory) });
  await client.connect();
  try {
    const unanswered = load.sent.filter(({ answer }) => !answer);
    const answered = load.sent.length - unanswered.length;
    const found = [...(await orderFindings(client, load.sent))];
    const storedUnanswered = await countStored(client, unanswered);
    const fillMs = await timeOfFill(graph, { accountId: accountIds[0] ?? '', round: number });
    found.push(...(await sendAgain(graph, load.sent)));
    await switchDemo(graph, house, { to: 'stop', number });
    await until('the demo rests', () => isModelStopped(graph, demo.modelId));
    for (const accountId of [...accountIds, demo.accountId]) {
      await cancelAllOrders(graph, { accountId, key: `end-${String(number)}-${accountId}` });
    }
    const logged = await settle(client, house);
    found.push(
      ...(await orderFindings(client, sent)),
      ...(await logFindings(client)),
      ...followerFindings(house.follower.trades, logged),
      ...house.follower.gaps.map((reason) => `the subscriber was told of a gap: ${reason}`),
      ...(await auditFindings(embeddedDatabaseUrl(house.dataDirectory))),
    );
    return {
      ...{ round: number, victim, loadMs, sent: load.sent.length, answered, storedUnanswered },
      ...{ restartMs, fillMs, trades: logged.length, findings: found },
      resumptions: house.follower.resumptions,
    };
  } finally {
    await client.end();
  }
}

async function kill({ running, dataDirectory }: House, victim: Round['victim']): Promise<void> {
  const { program, worker } = running;
  switch (victim) {
    case 'server':
      await program.kill();
      return;
    case 'worker':
      await worker.kill();
      return;
    case 'server and worker':
      await Promise.all([program.kill(), worker.kill()]);
      return;
    case 'server, worker and PostgreSQL':
      killPostgres(dataDirectory);
      await Promise.all([program.kill(), worker.kill()]);
      return;
    case 'PostgreSQL':
      // Both find out and end by themselves.
      killPostgres(dataDirectory);
      await Promise.all([program.ended, worker.ended]);
  }
}

/** Starts what does not run any more. */
async function restart(house: House): Promise<void> {
  const { running } = house;
  if (running.program.hasEnded()) running.program = await apiOf(house);
  if (running.worker.hasEnded()) running.worker = await workerOf(house);
}

/** Sends what has no answer again, and some of what has one: each must be the same order as before. */
async function sendAgain(graph: GraphClient, sent: readonly SentOrder[]): Promise<Findings> {
  const ANSWERED_MAX = 10;
  const found: string[] = [];
  const answered = sent.filter(({ answer }) => answer?.kind === 'placed');
  for (const order of sent.filter(({ answer }) => !answer)) {
    order.answer = await order.send(graph);
  }
  for (const { clientOrderId, send, answer } of answered.slice(-ANSWERED_MAX)) {
    const again = await send(graph);
    const isSame =
      answer?.kind === 'placed' && again.kind === 'placed' && again.order.id === answer.order.id;
    if (!isSame) found.push(`${clientOrderId} sent again is another order`);
  }
  return found;
}

async function switchDemo(
  graph: GraphClient,
  { demo }: House,
  { to, number }: { to: 'start' | 'stop'; number: number },
): Promise<void> {
  await switchModel(graph, { id: demo.modelId, to, key: `${to}-${String(number)}` });
}

/**
 * Waits until nothing is under way and the subscriber has what is in the log; answers with the trades
 * there. What does not come to rest is left to the rules to find.
 */
async function settle(client: Client, { follower }: House): Promise<string[]> {
  const TIMEOUT_MS = 60_000;
  const isQuiet = async () => {
    const { rows } = await client.query<{ busy: number }>(
      `SELECT (SELECT count(*) FROM outbox) +
        (SELECT count(*) FROM orders WHERE status NOT IN
          ('FILLED', 'DENIED', 'CANCELED', 'REJECTED', 'REPLACED', 'EXPIRED')) +
        (SELECT count(*) FROM corporate_actions
          WHERE applied_at IS NULL OR effective_at > now() - interval '3 seconds') AS busy`,
    );
    return Number(rows[0]?.busy) === 0;
  };
  await until('all is quiet', isQuiet, TIMEOUT_MS).catch(() => undefined);
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM users WHERE username = 'trader'`,
  );
  const logged = await loggedTrades(client, rows[0]?.id ?? '');
  const hasAll = () => follower.trades.length >= logged.length;
  await until('the subscriber has all', hasAll, TIMEOUT_MS).catch(() => undefined);
  return logged;
}
