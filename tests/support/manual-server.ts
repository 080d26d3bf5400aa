import { afterAll } from 'vitest';
import { startServer, type RunningServer } from '../../src/server.ts';
import type { TestApp } from './app.ts';
import { createManualTime, type ManualTime } from './manual-time.ts';

export interface ManualServer extends RunningServer {
  readonly time: ManualTime;
}

/**
 * The test's app on a free port, in a time that the test moves: of what the server does by the clock,
 * nothing happens by itself, not even the steps of its end before the file's last test is over. The app
 * behind it lives in the time of the system.
 */
export async function serveInManualTime({
  app,
  config,
}: Pick<TestApp, 'app' | 'config'>): Promise<ManualServer> {
  const time = createManualTime(app.clock.now());
  const server = await startServer({ app: { ...app, ...time }, config });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= server.stop());
  afterAll(async () => {
    const moving = setInterval(() => {
      time.advance(100);
    }, 5);
    await stop();
    clearInterval(moving);
  });
  return { ...server, stop, time };
}
