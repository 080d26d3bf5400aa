import { OperatorError } from './services/platform/config/config-error.ts';
import { createShutdown, onStopRequest } from './start/shutdown.ts';

/** `npm start`, and in production `npm run start:prod`: everything from the settings to the API. */
const shutdown = createShutdown();
onStopRequest(() => {
  void end(0);
});
try {
  const { start } = await import('./start/start.ts');
  await start(shutdown);
} catch (error) {
  // What stops on request breaks off what was still starting; that is no news.
  if (!shutdown.isStopping) {
    process.stderr.write(`${error instanceof OperatorError ? error.message : inspect(error)}\n`);
    await end(1);
  }
}

async function end(code: number): Promise<void> {
  try {
    await shutdown.stop();
    process.exit(code);
  } catch (error) {
    process.stderr.write(`${inspect(error)}\n`);
    process.exit(1);
  }
}

/** A bug: whoever mends it wants the stack. */
function inspect(error: unknown): string {
  return error instanceof Error ? String(error.stack) : String(error);
}
