import { z } from 'zod';
import { requireCapability } from '../accounts/capabilities.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { derivedId } from '../platform/derived-id.ts';
import { InvalidInput, NotFound } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';
import { systemViewer, type AuthenticatedViewer, type Viewer } from '../platform/viewer.ts';
import type { Portfolios } from '../portfolio/portfolios.ts';
import { SocketRequired } from './errors.ts';
import { createSerialWork } from './serial-work.ts';

export interface DisconnectSwitchPorts {
  /** The server's. */
  readonly db: Database;
  /** The worker's: the switches of everybody are renewed in one statement. */
  readonly workerDb: Database;
  readonly portfolios: Pick<Portfolios, 'list'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
  readonly timers?: Timers;
}

export interface SetDisconnectSwitch {
  readonly accountId: string;
  readonly isArmed: boolean;
  /** How long a client may be away before its orders are canceled: 1 to 60. */
  readonly graceSeconds: number;
}

/** The connection that a switch watches. */
export interface WatchedSocket {
  /** Calls `work` once it has ended, at once if it has already. */
  onClose(work: () => void): void;
}

export interface DisconnectSwitches {
  /**
   * Arms the dead man's switch of a socket: when it ends, for whatever reason, the open orders of
   * the account are canceled once the grace is over, unless the same session, or key, has armed it
   * again by then. Or disarms it. Throws NotFound for an account that is not the viewer's, and
   * SocketRequired without a socket.
   */
  set(viewer: Viewer, command: SetDisconnectSwitch, socket: WatchedSocket | null): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

/** The switch of a socket that is open here. */
interface HeldSwitch {
  readonly id: string;
  /** Another socket that takes the switch over sets another time. */
  readonly armedAt: Date;
  readonly graceMs: number;
}

/** Two renewals fit into the shortest grace. */
const RENEW_MS = 400;
const GRACE_MAX_SECONDS = 60;
const uuid = z.uuid();

/**
 * The process that holds the socket pushes the end of the switch ahead of it for as long as the
 * socket is open; one that dies stops to push, and whoever sweeps finds the switch at its end.
 */
export function createDisconnectSwitches(ports: DisconnectSwitchPorts): DisconnectSwitches {
  const { db, workerDb, portfolios, clock, logger, timers = systemTimers } = ports;
  const held = new Map<string, HeldSwitch>();
  let stopRenewing: (() => void) | undefined;

  const push = (switches: readonly HeldSwitch[]): Promise<ReadonlySet<string>> =>
    workerDb.withViewer(systemViewer(), (tx) => pushEnds(tx, switches, clock.now()));

  const serial = createSerialWork(async () => {
    const now = [...held.values()];
    if (now.length === 0) return;
    try {
      const kept = await push(now);
      for (const each of now) {
        // It was fired, or another socket has it.
        if (!kept.has(each.id) && held.get(each.id) === each) held.delete(each.id);
      }
    } catch (err) {
      logger.error({ err }, 'The switches of open sockets could not be renewed.');
    }
  });

  /** The grace begins when the socket ends, and nobody pushes any more. */
  const letGo = (one: HeldSwitch): void => {
    if (held.get(one.id) !== one) return;
    held.delete(one.id);
    push([one]).catch((err: unknown) => {
      logger.error({ err }, 'The switch of a socket fires up to a renewal early.');
    });
  };

  return {
    async set(viewer, { accountId, isArmed, graceSeconds }, socket) {
      const owner = requireCapability(viewer, 'TRADE');
      if (!uuid.safeParse(accountId).success) throw new NotFound('Account');
      const found = await portfolios.list(viewer, { where: { id: accountId }, take: 1 });
      if (found.length === 0) throw new NotFound('Account');
      if (!socket) throw new SocketRequired();
      if (graceSeconds < 1 || graceSeconds > GRACE_MAX_SECONDS) {
        throw new InvalidInput('graceSeconds', `It goes from 1 to ${GRACE_MAX_SECONDS}.`);
      }
      const id = derivedId(['disconnect switch', accountId, wayInOf(owner)]);
      if (!isArmed) {
        held.delete(id);
        await db.withViewer(viewer, (tx) => tx.disconnectSwitch.deleteMany({ where: { id } }));
        return;
      }
      const graceMs = graceSeconds * 1_000;
      const armedAt = await db.withViewer(viewer, (tx) =>
        arm(tx, { id, accountId, ownerId: owner.userId, graceMs, now: clock.now() }),
      );
      const one = { id, armedAt, graceMs };
      held.set(id, one);
      socket.onClose(() => {
        letGo(one);
      });
    },
    start() {
      stopRenewing ??= timers.every(RENEW_MS, () => {
        serial.ask();
      });
    },
    async stop() {
      stopRenewing?.();
      stopRenewing = undefined;
      await serial.rest();
    },
  };
}

/** What the client comes back with: its key, or its session, which outlives its tokens. */
function wayInOf({ apiKey, sessionId, userId }: AuthenticatedViewer): string {
  return apiKey?.id ?? sessionId ?? userId;
}

async function arm(
  tx: Tx,
  given: {
    readonly id: string;
    readonly accountId: string;
    readonly ownerId: string;
    readonly graceMs: number;
    readonly now: Date;
  },
): Promise<Date> {
  const { id, accountId, ownerId, graceMs, now } = given;
  const expiresAt = new Date(now.getTime() + graceMs);
  const [row] = await tx.$queryRaw<{ armedAt: Date }[]>`
    INSERT INTO disconnect_switches AS d (id, owner_id, account_id, armed_at, expires_at)
    VALUES (${id}::uuid, ${ownerId}::uuid, ${accountId}::uuid, ${now}, ${expiresAt})
    ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at,
      armed_at = greatest(excluded.armed_at, d.armed_at + interval '1 millisecond')
    RETURNING armed_at AS "armedAt"`;
  if (!row) throw new Error('A switch was armed, and is not there.');
  return row.armedAt;
}

/** Answers with the ids of those that are still there, and still these sockets'. */
async function pushEnds(
  tx: Tx,
  switches: readonly HeldSwitch[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const ends = switches.map(({ graceMs }) => new Date(now.getTime() + graceMs).toISOString());
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE disconnect_switches d SET expires_at = w.expires_at
    FROM unnest(${switches.map(({ id }) => id)}::uuid[],
      ${switches.map(({ armedAt }) => armedAt.toISOString())}::text[]::timestamptz[],
      ${ends}::text[]::timestamptz[]) AS w (id, armed_at, expires_at)
    WHERE d.id = w.id AND d.armed_at = w.armed_at RETURNING d.id`;
  return new Set(rows.map(({ id }) => id));
}
