import { parseArgs } from 'node:util';
import { soak } from './soak/soak.ts';

/**
 * `npm run test:soak -- --minutes 10 --clients 500`: three servers, two workers, Redis and a proxy, on
 * this machine alone. Clients follow trades and resume while Redis is restarted, servers are killed and
 * connections cut; with `--rolls`, all processes are replaced instead, one after the other, and not one
 * query may fail. Ends with code 1 when an event was lost, doubled, disordered or somebody else's.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    clients: { type: 'string', default: '500' },
    'redis-restarts': { type: 'string', default: '5' },
    'server-kills': { type: 'string', default: '5' },
    rolls: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
});
const rolls = Number(values.rolls);
const result = await soak({
  ...{ minutes: Number(values.minutes), clients: Number(values.clients), rolls },
  redisRestarts: rolls > 0 ? 0 : Number(values['redis-restarts']),
  serverKills: rolls > 0 ? 0 : Number(values['server-kills']),
  seed: Number(values.seed),
});
for (const [name, value] of Object.entries(result)) {
  process.stdout.write(`${name.padEnd(16)} ${String(value)}\n`);
}
const { lost, doubled, foreign, disordered, gaps, failedQueries } = result;
const failed = rolls > 0 ? failedQueries : 0;
process.exitCode = lost + doubled + foreign + disordered + gaps + failed === 0 ? 0 : 1;
