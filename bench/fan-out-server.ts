/** One server of bench/fan-out.ts, in a process of its own. */
import { once } from 'node:events';
import { startWsFloor } from './fan-out-floor.ts';
import {
  nowMicros,
  type FanOutServer,
  type Offer,
  type ServerOptions,
  type ServerOrder,
} from './fan-out-messages.ts';
import { startProgram } from './fan-out-program.ts';
import { startRecipe } from './fan-out-recipe.ts';

const STEP_MS = 2;
/** Of one step, so that what comes between the steps is heard. */
const STEP_EVENTS_MAX = 4;

const [options] = (await once(process, 'message')) as [ServerOptions];
const server = await start(options);
let stop = (): void => undefined;

process.on('message', (order: ServerOrder) => {
  if ('offer' in order) {
    stop();
    stop = offer(server, order.offer);
  } else {
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, external } = process.memoryUsage();
    const report = { residentBytes: rss, heapBytes: heapUsed + external };
    process.send?.({ report: { cpuMs: (user + system) / 1_000, ...report } });
  }
});
// The bench has ended, however that came.
process.on('disconnect', () => process.exit());
process.send?.({ port: server.port });

function start(given: ServerOptions): Promise<FanOutServer> {
  switch (given.kind) {
    case 'ws':
      return startWsFloor();
    case 'recipe':
      return startRecipe();
    case 'program':
      return startProgram(given);
  }
}

/** Tells events at the rate of the offer. What a full server does not take is not made up for. */
function offer(to: FanOutServer, { what, eventsPerSecond, among }: Offer): () => void {
  if (eventsPerSecond === 0) return () => undefined;
  const startedMs = performance.now();
  let due = 0;
  let number = 0;
  const step = (): void => {
    const passedMs = performance.now() - startedMs;
    for (let told = 0; due < (passedMs * eventsPerSecond) / 1_000; told += 1) {
      due += 1;
      if (told >= STEP_EVENTS_MAX || to.isFree?.() === false) continue;
      number = (number + 1) % among;
      if (what === 'quotes') to.tellQuote(number, nowMicros());
      else to.tellBalance(number, nowMicros());
    }
  };
  const timer = setInterval(step, STEP_MS);
  return () => {
    clearInterval(timer);
  };
}
