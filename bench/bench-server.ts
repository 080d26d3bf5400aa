/**
 * The program behind HTTP, in a process of its own, for a bench: without market, engine and relay, so
 * that nothing but requests takes time. Started by `bench-program.ts`, which tells it what to be.
 */
import { createApp } from '../src/app.ts';
import { startServer } from '../src/server.ts';
import { configWith, parseSettings } from '../src/services/platform/config/settings.ts';
import { createBareDatabase } from './bare-database.ts';
import type { ProgramOptions, ProgramReport } from './bench-program.ts';

const options = JSON.parse(process.argv[2] ?? '') as ProgramOptions;
const settings = parseSettings({
  variables: { NODE_ENV: 'test', PORT: '0', SIMULATED_MARKET: 'false', ...options.variables },
  purpose: 'server',
  rootDirectory: options.folder,
  developmentSecret: () => 'a secret of the benches, long enough for anyone',
});
const config = configWith(settings, options.urls);
const app = await createApp({
  config,
  ...(options.isBare && { openDatabase: createBareDatabase }),
});
const server = await startServer({ config, app });

process.on('message', (question) => {
  if (question === 'cpu') tell({ cpu: process.cpuUsage() });
});
// The bench has ended, however that came.
process.on('disconnect', () => process.exit());
tell({ url: server.url });

function tell(report: ProgramReport): void {
  process.send?.(report);
}
