import { afterAll, onTestFinished } from 'vitest';

/**
 * Has `work` done when the test is over that calls this, or after the file's last test where none does. What
 * `afterAll` is told while a test runs, it never does.
 */
export function afterwards(work: () => Promise<unknown>): void {
  const done = async () => {
    await work();
  };
  try {
    onTestFinished(done);
  } catch {
    // It throws where no test runs.
    afterAll(done);
  }
}
