import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../../src/services/platform/random.ts';
import { startCluster } from './cluster.ts';
import type { Judgement } from './judgement.ts';
import { ask, findPeople, followAll, judgeAll, trade, type Tally } from './people.ts';

export interface RollingOptions {
  /** How often all servers and workers are replaced, one after the other. */
  readonly rolls: number;
  readonly servers: number;
  readonly workers: number;
  readonly clients: number;
  readonly seed: number;
}

export interface RollingResult extends Judgement {
  readonly rolls: number;
  readonly clients: number;
  readonly queries: number;
  readonly failedQueries: number;
  /** Why the first of these failed. */
  readonly failures: readonly string[];
  /** What nginx says of requests that it could not have answered, and gave to no other server. */
  readonly complaints: readonly string[];
}

/** Of each person, besides the one who trades. */
const ASKING = 3;
const BEFORE_MS = 2_000;
const FAILURES_SHOWN_MAX = 10;
/** Streams end with their server, too. */
const PASSED = /Connection refused|while proxying upgraded|while reading upstream/;

/** Two people trade and ask, many clients follow, by way of nginx, while all processes are replaced. */
export async function rollUnderLoad(options: RollingOptions): Promise<RollingResult> {
  const { rolls, servers, workers, clients, seed } = options;
  const cluster = await startCluster({ servers, workers, proxy: 'nginx' });
  const stop = new AbortController();
  const background: Promise<unknown>[] = [];
  try {
    const people = await findPeople(cluster);
    const { next: random } = createRandom(seed);
    const followings = followAll(people, { url: cluster.url, clients, random });
    const tally: Tally = { queries: 0, failures: [] };
    for (const person of people) {
      background.push(trade(person, stop.signal, tally));
      for (let n = 0; n < ASKING; n += 1) background.push(ask(person, stop.signal, tally));
    }
    await delay(BEFORE_MS);
    for (let n = 0; n < rolls; n += 1) await cluster.roll();
    stop.abort();
    await Promise.all(background);
    return {
      ...{ rolls, clients, queries: tally.queries, failedQueries: tally.failures.length },
      failures: tally.failures.slice(0, FAILURES_SHOWN_MAX),
      complaints: complaintsIn(await cluster.complaints()),
      ...(await judgeAll(cluster, followings)),
    };
  } finally {
    stop.abort();
    await Promise.allSettled(background);
    await cluster.close();
  }
}

/** Not those of who was refused a connection, and went on to the next server. */
function complaintsIn(log: string): readonly string[] {
  const lines = log.split('\n').filter((line) => line.includes(' upstream') && !PASSED.test(line));
  return lines.slice(0, FAILURES_SHOWN_MAX);
}
