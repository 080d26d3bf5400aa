import { setTimeout as delay } from 'node:timers/promises';
import Table from 'cli-table3';
import type { ServerOptions } from './fan-out-messages.ts';
import { watching } from './fan-out-parts.ts';
import { launchClients, launchServer } from './fan-out-processes.ts';

const STALLED = 50;
/** As many as a socket may have: what waits for a stalled reader is most with these. */
const OPERATIONS = 100;
const READING = 200;
const SYMBOLS = 100;
const EVENTS_PER_SECOND = 20;
/** Whoever does not read answers no Pings either, and is cut off after 24 s: all is over before. */
const LOOKS = 6;
const LOOK_MS = 3_000;

/** What the process keeps in memory while some read nothing, and whether others read on. */
export async function measureStalled(options: ServerOptions): Promise<void> {
  const server = await launchServer(options, ['--expose-gc']);
  const [stalled, reading] = [await launchClients(), await launchClients()];
  const table = new Table({
    head: [`${STALLED} read nothing, ${READING} read`, 'memory MiB', 'heap MiB', 'read a second'],
    style: { head: [] },
  });
  try {
    const order = { ...watching(SYMBOLS), port: server.port, atOnce: 10 };
    await reading.connect({ ...order, count: READING });
    await stalled.connect({ ...order, count: STALLED, operations: OPERATIONS, areStalled: true });
    server.offer({ what: 'quotes', eventsPerSecond: EVENTS_PER_SECOND, among: SYMBOLS });
    for (let look = 0; look <= LOOKS; look += 1) {
      const { residentBytes, heapBytes } = await server.report();
      const { messages } = await reading.count();
      const inMiB = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
      const perSecond = look === 0 ? '' : ((messages * 1_000) / LOOK_MS).toFixed(0);
      table.push([
        `after ${(look * LOOK_MS) / 1_000} s`,
        inMiB(residentBytes),
        inMiB(heapBytes),
        perSecond,
      ]);
      if (look < LOOKS) await delay(LOOK_MS);
    }
    console.log(table.toString());
  } finally {
    await Promise.all([stalled.stop(), reading.stop()]);
    await server.stop();
  }
}
