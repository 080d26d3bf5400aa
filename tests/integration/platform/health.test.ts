import { describe, expect, test, vi } from 'vitest';
import { createDatabase } from '../../../src/services/platform/database.ts';
import { createInProcessBus } from '../../../src/services/platform/event-bus/in-process.ts';
import { createHealth } from '../../../src/services/platform/health.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

const { server } = await createTestDatabase();
const clock = createFixedClock('2026-11-21T12:00:00Z');
const bus = createInProcessBus({ log: createSilentLogger() });
const common = {
  email: () => 'ON' as const,
  ...{ db: server, bus, clock, timers: systemTimers, version: '1.2.3' },
  ids: createIds(clock, randomBytes),
};

describe('health', () => {
  test('is OK when the database and the bus answer', async () => {
    // Without a deadline: on a busy machine, the first connection takes as long as it takes.
    const timers = { ...systemTimers, after: () => () => undefined };
    expect(await createHealth({ ...common, timers }).check()).toEqual({
      ...{ status: 'OK', database: 'OK', eventBus: 'OK', email: 'ON', version: '1.2.3' },
      checkedAt: clock.now(),
    });
  });

  test('is DOWN without a database, and says so within a second', async () => {
    const away = createDatabase({
      ...{ url: 'postgresql://nobody@127.0.0.1:1/nothing', poolSize: 1 },
      ...{ acquireTimeoutMs: 500, transactionTimeoutMs: 500, statementTimeoutMs: 500 },
    });
    const begun = performance.now();
    expect(await createHealth({ ...common, db: away }).check()).toMatchObject({
      status: 'DOWN',
      database: 'DOWN',
      eventBus: 'OK',
    });
    // Long before anybody's patience is at its end, however busy the machine.
    expect(performance.now() - begun).toBeLessThan(10_000);
    await away.close();
  });

  test('is DEGRADED when the bus loses its messages, and leaves no subscription behind', async () => {
    let subscribers = 0;
    const isAwake = { ...server, snapshot: (() => Promise.resolve()) as typeof server.snapshot };
    const deaf = {
      ...bus,
      publish: () => Promise.resolve(),
      subscribe: () => {
        subscribers += 1;
        return Promise.resolve(() => {
          subscribers -= 1;
        });
      },
    };
    expect(await createHealth({ ...common, db: isAwake, bus: deaf }).check()).toMatchObject({
      status: 'DEGRADED',
      eventBus: 'DOWN',
    });
    await vi.waitFor(() => expect(subscribers).toBe(0), { timeout: 20_000 });
  });

  test('is DEGRADED while mails do not leave, and OK where none are to', async () => {
    // Without a deadline, as above.
    const timers = { ...systemTimers, after: () => () => undefined };
    const withEmail = (email: 'OFF' | 'FAILING') =>
      createHealth({ ...common, timers, email: () => email }).check();
    expect(await withEmail('FAILING')).toMatchObject({ status: 'DEGRADED', email: 'FAILING' });
    expect(await withEmail('OFF')).toMatchObject({ status: 'OK', email: 'OFF' });
  });

  test('is looked at once a second, however many ask', async () => {
    let asked = 0;
    const counting = {
      ...server,
      snapshot: ((viewer, work) => {
        asked += 1;
        return server.snapshot(viewer, work);
      }) as typeof server.snapshot,
    };
    const health = createHealth({ ...common, db: counting });
    await Promise.all([health.check(), health.check(), health.check()]);
    expect(asked).toBe(1);
    clock.advance(1);
    await health.check();
    expect(asked).toBe(2);
  });
});
