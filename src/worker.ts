import { runProgram } from './start/run-program.ts';

/** `npm run worker`: everything but the API, beside processes with PROCESS_PARTS=api. */
await runProgram(async (shutdown) => {
  const { startWorker } = await import('./start/start-worker.ts');
  await startWorker(shutdown);
});
