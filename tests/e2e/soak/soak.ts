import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../../src/services/platform/random.ts';
import { startCluster, type Cluster } from './cluster.ts';
import type { Judgement } from './judgement.ts';
import { findPeople, followAll, judgeAll, trade, type Tally } from './people.ts';

export interface SoakOptions {
  readonly minutes: number;
  /** Half of them over sockets, half over server-sent events; half of either for each of two people. */
  readonly clients: number;
  readonly servers: number;
  readonly workers: number;
  readonly redisRestarts: number;
  readonly serverKills: number;
  readonly seed: number;
}

export interface SoakResult extends Judgement {
  readonly clients: number;
  /** Connections that were cut at random. */
  readonly cuts: number;
}

const CUT_EVERY_MS = 400;
/** Of all connections, each time. */
const CUT_SHARE = 0.02;

/** Two people trade, many clients follow, and meanwhile things break; see {@link SoakOptions}. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const random = createRandom(options.seed);
  const { servers, workers, clients } = options;
  const cluster = await startCluster({ servers, workers, proxy: 'cutting' });
  const stop = new AbortController();
  const background: Promise<unknown>[] = [];
  try {
    const people = await findPeople(cluster);
    const followings = followAll(people, { url: cluster.url, clients, random: random.next });
    // Of queries, some fail, as connections are cut.
    const tally: Tally = { queries: 0, failures: [] };
    let cuts = 0;
    background.push(
      ...people.map((person) => trade(person, stop.signal, tally)),
      (async () => {
        while (!stop.signal.aborted) {
          await delay(CUT_EVERY_MS);
          cuts += cluster.cut(() => random.next() < CUT_SHARE);
        }
      })(),
    );
    await misfortunes(cluster, options);
    stop.abort();
    await Promise.all(background);
    return { clients, cuts, ...(await judgeAll(cluster, followings)) };
  } finally {
    stop.abort();
    await Promise.allSettled(background);
    await cluster.close();
  }
}

/** Restarts and kills, evenly over the time. */
async function misfortunes(cluster: Cluster, options: SoakOptions): Promise<void> {
  const { minutes, redisRestarts, serverKills, servers } = options;
  const acts = [
    ...Array.from({ length: redisRestarts }, () => async () => {
      await cluster.redis.stop();
      await delay(1_000);
      await cluster.redis.start();
    }),
    ...Array.from({ length: serverKills }, (_, n) => () => cluster.killServer(n % servers)),
  ];
  const endMs = performance.now() + minutes * 60_000;
  const pauseMs = (minutes * 60_000) / (acts.length + 1);
  for (const act of acts) {
    await delay(pauseMs);
    await act();
  }
  await delay(Math.max(0, endMs - performance.now()));
}
