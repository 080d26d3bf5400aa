import { parseArgs } from 'node:util';
import { soak } from './soak/soak.ts';

/**
 * `npm run test:soak -- --minutes 10 --clients 500`: three servers, two workers, Redis and a proxy, on
 * this machine alone. Clients follow trades and resume while Redis is restarted, servers are killed and
 * connections cut. Ends with code 1 when an event was lost, doubled, disordered or somebody else's.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    clients: { type: 'string', default: '500' },
    'redis-restarts': { type: 'string', default: '5' },
    'server-kills': { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
});
const result = await soak({
  ...{ servers: 3, workers: 2 },
  ...{ minutes: Number(values.minutes), clients: Number(values.clients) },
  redisRestarts: Number(values['redis-restarts']),
  serverKills: Number(values['server-kills']),
  seed: Number(values.seed),
});
for (const [name, value] of Object.entries(result)) {
  process.stdout.write(`${name.padEnd(16)} ${String(value)}\n`);
}
const { lost, doubled, foreign, disordered, gaps } = result;
process.exitCode = lost + doubled + foreign + disordered + gaps === 0 ? 0 : 1;
