import { afterEach, describe, expect, test, vi } from 'vitest';
import { createDuty, type Duty, type DutyWork } from '../../../src/services/platform/duty.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

const database = await createTestDatabase();
const PATIENT = { timeout: 20_000 };
let made = 0;
const opened: Duty[] = [];
afterEach(async () => {
  for (const duty of opened.splice(0)) await duty.stop();
});

/** What a process has of its own: its clock, its timers, and the work, which says whether it runs. */
const processOf = (name: string, work: Partial<DutyWork> = {}) => {
  const { clock, timers, advance } = createManualTime(new Date('2026-03-02T15:00:00Z'));
  const state = { isRunning: false };
  const duty = createDuty(
    name,
    {
      async start() {
        await work.start?.();
        state.isRunning = true;
      },
      async stop() {
        state.isRunning = false;
      },
    },
    {
      ...{ workerDb: database.worker, clock, timers, logger: createSilentLogger() },
      ids: createIds(clock, randomBytes),
    },
  );
  opened.push(duty);
  return { duty, state, advance };
};
const newName = () => `duty-${String((made += 1))}`;
/** As if its holder had not been heard of for long. */
const runOut = (name: string) =>
  database.query(`UPDATE duties SET expires_at = now() - interval '1 s' WHERE name = $1`, [name]);

describe('a duty', () => {
  test('is one process’s, and the next one’s as soon as that stops', async () => {
    const name = newName();
    const [one, other] = [processOf(name), processOf(name)];
    await one.duty.start();
    await other.duty.start();
    expect([one.state.isRunning, other.state.isRunning]).toEqual([true, false]);
    await one.duty.stop();
    expect(one.state.isRunning).toBe(false);
    other.advance(1_500);
    await vi.waitFor(() => expect(other.state.isRunning).toBe(true), PATIENT);
    expect([one.duty.isHeld(), other.duty.isHeld()]).toEqual([false, true]);
  });

  test('goes to another process when its holder is silent, which finds out by itself', async () => {
    const name = newName();
    const [silent, other] = [processOf(name), processOf(name)];
    await silent.duty.start();
    await other.duty.start();
    await runOut(name);
    other.advance(1_500);
    await vi.waitFor(() => expect(other.state.isRunning).toBe(true), PATIENT);
    // It slept for five seconds, and knows before anybody tells it.
    expect(silent.state.isRunning).toBe(true);
    silent.advance(5_000);
    expect(silent.duty.isHeld()).toBe(false);
    await vi.waitFor(() => expect(silent.state.isRunning).toBe(false), PATIENT);
    const [row] = await database.query<{ epoch: string }>(
      'SELECT epoch FROM duties WHERE name = $1',
      [name],
    );
    expect(row?.epoch).toBe('2');
  });

  test('is prolonged by who works', async () => {
    const name = newName();
    const [one, other] = [processOf(name), processOf(name)];
    await one.duty.start();
    for (let look = 0; look < 6; look += 1) {
      one.advance(1_500);
      await vi.waitFor(() => expect(one.duty.isHeld()).toBe(true), PATIENT);
    }
    await other.duty.start();
    expect([one.state.isRunning, other.state.isRunning]).toEqual([true, false]);
  });

  test('whose work cannot begin is not believed to be done', async () => {
    const name = newName();
    const broken = vi.fn(() => Promise.reject(new Error('There is no market.')));
    const { duty, state, advance } = processOf(name, { start: broken });
    await expect(duty.start()).rejects.toThrow('There is no market.');
    expect(state.isRunning).toBe(false);
    broken.mockImplementation(() => Promise.resolve() as Promise<never>);
    advance(1_500);
    await vi.waitFor(() => expect(state.isRunning).toBe(true), PATIENT);
  });
});
