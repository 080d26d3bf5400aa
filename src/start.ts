import { runProgram } from './start/run-program.ts';

/** `npm start`, and in production `npm run start:prod`: everything from the settings to the API. */
await runProgram(async (shutdown) => {
  const { start } = await import('./start/start.ts');
  await start(shutdown);
});
