import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import type { Ids } from './ids.ts';
import type { Logger } from './logger.ts';
import { systemTimers, type Timers } from './timers.ts';
import { systemViewer } from './viewer.ts';

/** Work that runs by itself between its start and its stop. */
export interface DutyWork {
  start(): Promise<void>;
  /** Safe to call when its start failed half way. */
  stop(): Promise<void>;
}

export interface DutyPorts {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Pick<Logger, 'error' | 'info'>;
  readonly timers?: Timers;
  readonly leaseMs?: number;
  readonly renewMs?: number;
}

/** Does some work in one process at a time, of any number that want to. */
export interface Duty {
  /** Takes the duty, if it is free, and begins the work; else goes on to ask for it. */
  start(): Promise<void>;
  /** Ends the work and lets another process have the duty at once. */
  stop(): Promise<void>;
  /**
   * Whether it is still this process's for sure. A process that slept finds out here, before anything
   * else tells it: what must not be done twice asks before each step.
   */
  isHeld(): boolean;
}

const LEASE_MS = 5_000;
const RENEW_MS = 1_500;

/**
 * The database says whose a duty is, by its own clock; this process counts from before it asked, and so
 * always believes to lose it no later than the database lets another one have it.
 */
export function createDuty(name: string, work: DutyWork, ports: DutyPorts): Duty {
  const { workerDb, clock, ids, logger, timers = systemTimers } = ports;
  const { leaseMs = LEASE_MS, renewMs = RENEW_MS } = ports;
  const holder = ids.next();
  let heldUntilMs = 0;
  let isWorking = false;
  let stopTimer: (() => void) | undefined;
  let turn: Promise<void> = Promise.resolve();

  const ask = async (): Promise<boolean> => {
    const askedAtMs = clock.now().getTime();
    const isTaken = await takeDuty(workerDb, { name, holder, leaseMs });
    if (isTaken) heldUntilMs = askedAtMs + leaseMs;
    return isTaken;
  };

  const isHeld = (): boolean => clock.now().getTime() < heldUntilMs;

  const look = async (): Promise<void> => {
    const isOurs = (await ask()) && isHeld();
    if (isOurs && !isWorking) {
      isWorking = true;
      logger.info({ duty: name }, 'This process has taken a duty.');
      await begin();
    }
    if (!isOurs && isWorking) await end();
  };

  const begin = async (): Promise<void> => {
    try {
      await work.start();
    } catch (error) {
      await end();
      throw error;
    }
  };

  const end = async (): Promise<void> => {
    await work.stop();
    isWorking = false;
  };

  /** One after the other. What fails is told, and tried again at the next look. */
  const lookInTurn = (): void => {
    turn = turn.then(look).catch(async (err: unknown) => {
      logger.error({ err, duty: name }, 'A duty could not be taken or renewed.');
      if (!isHeld() && isWorking) await end();
    });
  };

  return {
    isHeld,
    async start() {
      if (stopTimer) throw new Error(`The duty ${name} runs already.`);
      let isWaiting = false;
      stopTimer = timers.every(renewMs, () => {
        // A slow database must not gather a queue of looks.
        if (isWaiting) return;
        isWaiting = true;
        lookInTurn();
        void turn.finally(() => {
          isWaiting = false;
        });
      });
      await look();
    },
    async stop() {
      stopTimer?.();
      stopTimer = undefined;
      await turn;
      if (isWorking) await end();
      if (heldUntilMs === 0) return;
      heldUntilMs = 0;
      await releaseDuty(workerDb, { name, holder });
    },
  };
}

interface Claim {
  readonly name: string;
  readonly holder: string;
}

/** Takes or prolongs it; false when another process has it. */
async function takeDuty(
  workerDb: Database,
  { name, holder, leaseMs }: Claim & { readonly leaseMs: number },
): Promise<boolean> {
  const count = await workerDb.withViewer(
    systemViewer(),
    (tx) => tx.$executeRaw`
      INSERT INTO duties AS duty (name, holder, epoch, expires_at)
      VALUES (${name}, ${holder}::uuid, 1, now() + ${leaseMs}::int * interval '1 millisecond')
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at,
        epoch = duty.epoch + (duty.holder <> excluded.holder)::int
      WHERE duty.holder = excluded.holder OR duty.expires_at <= now()`,
  );
  return count > 0;
}

async function releaseDuty(workerDb: Database, { name, holder }: Claim): Promise<void> {
  await workerDb.withViewer(
    systemViewer(),
    (tx) => tx.$executeRaw`
      UPDATE duties SET expires_at = now() WHERE name = ${name} AND holder = ${holder}::uuid`,
  );
}
