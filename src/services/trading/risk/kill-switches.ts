import { requireCapability, type Capability } from '../../accounts/capabilities.ts';
import type { Tx } from '../../platform/database.ts';
import { Forbidden } from '../../platform/errors.ts';
import { idempotent } from '../../platform/idempotency.ts';
import { parseLine } from '../../platform/line-of-text.ts';
import { appendEvents } from '../../platform/outbox.ts';
import type { KillSwitch } from '../../platform/prisma/client.ts';
import { requireUser, type AuthenticatedViewer, type Viewer } from '../../platform/viewer.ts';
import { HaltedByAdministrator } from './errors.ts';
import { killSwitchChanged, toldSwitch } from './risk-news.ts';
import {
  auditTargetOf,
  DEPLOYMENT,
  findTarget,
  lockTarget,
  requireRightOver,
  type RiskTarget,
  type RiskWritePorts,
  type WantedTarget,
} from './risk-target.ts';

export interface SetKillSwitch extends WantedTarget {
  readonly isOn: boolean;
  /** Told with each order that is refused. */
  readonly reason?: string;
  readonly idempotencyKey: string;
}

export interface KillSwitchesPorts extends RiskWritePorts {
  /** Hears of each switch that was turned on, after the commit: open orders are to be canceled. */
  readonly onHalted?: () => void;
}

export interface KillSwitches {
  /**
   * Halts trading of an account, of a person or of the deployment, or lets it go on: one's own as a
   * trader, all others as an administrator. The owner's switch and that of administrators are two,
   * either of which halts. From the commit on every order under it is refused, and those that are
   * open are canceled at once. A key turns on alone: what a person stopped, no bot starts. Throws
   * HaltedByAdministrator for an owner who has nothing to turn off but an administrator has,
   * Forbidden, NotFound, InvalidInput or IdempotencyConflict; who tried without the right to is
   * recorded.
   */
  set(viewer: Viewer, command: SetKillSwitch): Promise<KillSwitch>;
  /** Those that are on, the last turned first. For administrators. */
  listOn(viewer: Viewer): Promise<KillSwitch[]>;
  /** That of the deployment; null where it was never turned. Throws Unauthenticated for nobody. */
  ofDeployment(viewer: Viewer): Promise<KillSwitch | null>;
}

const CAPABILITY: Capability = 'HALT_TRADING';
const REASON_MAX = 200;
const LISTED_MAX = 1_000;

export function createKillSwitches(ports: KillSwitchesPorts): KillSwitches {
  const { db, clock, onHalted } = ports;
  return {
    async set(viewer, { isOn, reason: given, idempotencyKey: key, ...wanted }) {
      const reason = given === undefined ? null : parseLine('reason', given, REASON_MAX);
      const right = { wanted, capability: CAPABILITY };
      const refusedAs = 'kill-switch.change-refused';
      const self = await requireRightOver(ports, viewer, { ...right, refusedAs });
      if (!isOn && self.apiKey) {
        throw new Forbidden('A key halts trading. Log in to let it go on.');
      }
      const command = { wanted, isOn, reason };
      const asked = { ownerId: self.userId, operation: 'setKillSwitch', key, command };
      const { outcome } = await db.withViewer(viewer, (tx) =>
        idempotent(tx, { ...asked, now: clock.now() }, async () => {
          const target = await findTarget(tx, self, right);
          return { id: await turn(ports, { tx, self, target, isOn, reason }) };
        }),
      );
      if (isOn) onHalted?.();
      return db.snapshot(viewer, (tx) =>
        tx.killSwitch.findUniqueOrThrow({ where: { id: outcome.id } }),
      );
    },

    async listOn(viewer) {
      requireCapability(viewer, 'READ_EVERYONE');
      return db.snapshot(viewer, (tx) =>
        tx.killSwitch.findMany({
          where: { isOn: true },
          orderBy: [{ changedAt: 'desc' }, { id: 'desc' }],
          take: LISTED_MAX,
        }),
      );
    },

    async ofDeployment(viewer) {
      requireUser(viewer);
      return db.snapshot(viewer, (tx) => tx.killSwitch.findFirst({ where: DEPLOYMENT }));
    },
  };
}

interface Turn {
  readonly tx: Tx;
  readonly self: AuthenticatedViewer;
  readonly target: RiskTarget;
  readonly isOn: boolean;
  readonly reason: string | null;
}

/** Answers with the switch's id. */
async function turn(
  { clock, ids, audit }: RiskWritePorts,
  { tx, self, target, isOn, reason }: Turn,
): Promise<string> {
  await lockTarget(tx, target);
  const before = await tx.killSwitch.findFirst({ where: target });
  if (!isOn && before?.isOn !== true) await refuseHalted(tx, target);
  const now = clock.now();
  const data = { isOn, reason, changedBy: self.userId, changedAt: now };
  const after = before
    ? await tx.killSwitch.update({ where: { id: before.id }, data })
    : await tx.killSwitch.create({ data: { id: ids.next(), ...target, ...data } });
  await audit.record(tx, self, {
    action: isOn ? 'kill-switch.turned-on' : 'kill-switch.turned-off',
    ...auditTargetOf(target),
    ...(before && { before: toldSwitch(before) }),
    after: toldSwitch(after),
  });
  await appendEvents(tx, [killSwitchChanged(target, after)]);
  return after.id;
}

/** Who has nothing to turn off is told that an administrator has. */
async function refuseHalted(tx: Tx, target: RiskTarget): Promise<void> {
  if (target.isByAdministrator) return;
  const where = { ...target, isByAdministrator: true, isOn: true };
  const halt = await tx.killSwitch.findFirst({ where });
  if (halt) throw new HaltedByAdministrator({ reason: halt.reason, since: halt.changedAt });
}
