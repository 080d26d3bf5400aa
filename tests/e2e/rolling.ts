import { parseArgs } from 'node:util';
import { hasNginx } from '../support/nginx.ts';
import { rollUnderLoad } from './soak/rolling.ts';

/**
 * `npm run test:rolling -- --rolls 5`: three servers behind nginx, two workers and Redis, on this machine
 * alone. All processes are replaced, one after the other, while people trade and ask and clients follow.
 * Ends with code 1 when a query failed, or an event was lost, doubled, disordered or somebody else's.
 */
const { values } = parseArgs({
  options: {
    rolls: { type: 'string', default: '5' },
    clients: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
});
if (!hasNginx()) throw new Error('This needs nginx: run "apt-get install nginx".');
const result = await rollUnderLoad({
  ...{ servers: 3, workers: 2, seed: Number(values.seed) },
  ...{ rolls: Number(values.rolls), clients: Number(values.clients) },
});
for (const [name, value] of Object.entries(result)) {
  process.stdout.write(`${name.padEnd(16)} ${String(value)}\n`);
}
const { lost, doubled, foreign, disordered, gaps, failedQueries } = result;
process.exitCode = lost + doubled + foreign + disordered + gaps + failedQueries === 0 ? 0 : 1;
