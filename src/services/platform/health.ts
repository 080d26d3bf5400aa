import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import type { EventBus } from './event-bus/event-bus.ts';
import type { Ids } from './ids.ts';
import type { Timers } from './timers.ts';
import { anonymousViewer } from './viewer.ts';

export type HealthState = 'OK' | 'DEGRADED' | 'DOWN';

/** Whether mails leave: `OFF` where there is no relay, `FAILING` while it takes nothing. */
export type EmailState = 'ON' | 'OFF' | 'FAILING';

export interface HealthReport {
  /** DOWN without a database, DEGRADED without an event bus or while mails do not leave. */
  readonly status: HealthState;
  readonly database: HealthState;
  readonly eventBus: HealthState;
  readonly email: EmailState;
  readonly version: string;
  readonly checkedAt: Date;
}

export interface Health {
  /** Never rejects, and takes a second at most. A report is good for a second, whoever asks. */
  check(): Promise<HealthReport>;
}

export interface HealthPorts {
  readonly db: Database;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timers: Timers;
  readonly email: () => EmailState;
  readonly version: string;
}

const PROBE_MS = 900;
const GOOD_FOR_MS = 1_000;

export function createHealth(ports: HealthPorts): Health {
  const { db, bus, clock, ids, timers, version } = ports;
  let latest: { readonly report: Promise<HealthReport>; readonly askedAtMs: number } | undefined;

  const withinTime = async (probe: () => Promise<unknown>): Promise<HealthState> => {
    const tooLate = Promise.withResolvers<HealthState>();
    const stop = timers.after(PROBE_MS, () => {
      tooLate.resolve('DOWN');
    });
    const probed = probe().then(
      (): HealthState => 'OK',
      (): HealthState => 'DOWN',
    );
    try {
      return await Promise.race([probed, tooLate.promise]);
    } finally {
      stop();
    }
  };

  const askDatabase = () => db.snapshot(anonymousViewer(), (tx) => tx.$queryRaw`SELECT 1`);

  /** A message of our own that comes back has gone all the way. */
  const askBus = async (): Promise<void> => {
    const channel = `health:${ids.next()}`;
    const back = Promise.withResolvers<undefined>();
    const unsubscribe = await bus.subscribe(channel, () => {
      back.resolve(undefined);
    });
    // A broker that is down never sends it back, and the subscription must not outlive the probe.
    const stop = timers.after(PROBE_MS, () => {
      back.reject(new Error('The event bus did not answer.'));
    });
    try {
      await bus.publish(channel, '');
      await back.promise;
    } finally {
      stop();
      unsubscribe();
    }
  };

  const report = async (): Promise<HealthReport> => {
    const [database, eventBus] = await Promise.all([withinTime(askDatabase), withinTime(askBus)]);
    const email = ports.email();
    const whole = eventBus === 'OK' && email !== 'FAILING' ? 'OK' : 'DEGRADED';
    const status = database === 'OK' ? whole : 'DOWN';
    return { status, database, eventBus, email, version, checkedAt: clock.now() };
  };

  return {
    check() {
      const nowMs = clock.now().getTime();
      if (!latest || nowMs - latest.askedAtMs >= GOOD_FOR_MS) {
        latest = { report: report(), askedAtMs: nowMs };
      }
      return latest.report;
    },
  };
}
