import { OperatorError } from '../services/platform/config/config-error.ts';
import { createShutdown, onStopRequest, type Shutdown } from './shutdown.ts';

/**
 * Runs a program that goes on until it is told to stop, and stops it in good order. What whoever
 * started it can put right is one line; all else is a bug, with its stack.
 */
export async function runProgram(start: (shutdown: Shutdown) => Promise<void>): Promise<void> {
  const shutdown = createShutdown();
  const end = async (code: number): Promise<void> => {
    try {
      await shutdown.stop();
      process.exit(code);
    } catch (error) {
      process.stderr.write(`${inspect(error)}\n`);
      process.exit(1);
    }
  };
  onStopRequest(() => void end(0));
  try {
    await start(shutdown);
  } catch (error) {
    // What stops on request breaks off what was still starting; that is no news.
    if (shutdown.isStopping) return;
    process.stderr.write(`${error instanceof OperatorError ? error.message : inspect(error)}\n`);
    await end(1);
  }
}

/** A bug: whoever mends it wants the stack. */
function inspect(error: unknown): string {
  return error instanceof Error ? String(error.stack) : String(error);
}
