import { requireCapability, requireSession, type Capability } from '../../accounts/capabilities.ts';
import type { Tx } from '../../platform/database.ts';
import { idempotent } from '../../platform/idempotency.ts';
import { Decimal, toText } from '../../platform/money.ts';
import { appendEvents } from '../../platform/outbox.ts';
import type { RiskLimits } from '../../platform/prisma/client.ts';
import type { AuthenticatedViewer, Viewer } from '../../platform/viewer.ts';
import {
  expectSymbols,
  limitsOfRow,
  parseLimits,
  toldLimits,
  type LimitChange,
} from './limit-rows.ts';
import { strictestOf, type EffectiveLimits } from './limits.ts';
import { riskLimitsChanged } from './risk-news.ts';
import {
  auditTargetOf,
  findTarget,
  lockTarget,
  requireRightOver,
  type RiskTarget,
  type RiskWritePorts,
  type WantedTarget,
} from './risk-target.ts';

export interface SetRiskLimits extends WantedTarget {
  readonly limits: LimitChange;
  readonly idempotencyKey: string;
}

export interface RiskLimitSettings {
  /**
   * Sets limits of an account, of a person or of the deployment: one's own in a session, those of
   * others as an administrator in person. The owner's and those of administrators are kept apart,
   * and each leaves the others as they are. Answers with all limits of the target and of that kind.
   * Throws Forbidden, NotFound, InvalidInput or IdempotencyConflict; who tried without the right to
   * is recorded.
   */
  set(viewer: Viewer, command: SetRiskLimits): Promise<RiskLimits>;
  /** Those of some person and of their accounts, or of the deployment. For administrators. */
  list(viewer: Viewer, filter: { readonly userId?: string }): Promise<RiskLimits[]>;
  /** What the rows of the deployment, of a person and of an account come to, of either kind. */
  effective(rows: readonly RiskLimits[]): EffectiveLimits;
}

const CAPABILITY: Capability = 'LIMIT_RISKS';
const LISTED_MAX = 1_000;

export function createRiskLimitSettings(ports: RiskWritePorts): RiskLimitSettings {
  const { db, clock } = ports;
  return {
    async set(viewer, { limits, idempotencyKey: key, ...wanted }) {
      // Limits bind bots: one that could move its own would have none.
      requireSession(viewer);
      const change = parseLimits(limits);
      const refusedAs = 'risk-limits.change-refused';
      const right = { wanted, capability: CAPABILITY };
      const self = await requireRightOver(ports, viewer, { ...right, refusedAs });
      const command = { wanted, change: commandOf(change) };
      const asked = { ownerId: self.userId, operation: 'setRiskLimits', key, command };
      const { outcome } = await db.withViewer(viewer, (tx) =>
        idempotent(tx, { ...asked, now: clock.now() }, async () => {
          const target = await findTarget(tx, self, right);
          return { id: await put(ports, { tx, self, target, change }) };
        }),
      );
      return db.snapshot(viewer, (tx) =>
        tx.riskLimits.findUniqueOrThrow({ where: { id: outcome.id } }),
      );
    },

    async list(viewer, { userId }) {
      requireCapability(viewer, 'READ_EVERYONE');
      const where = { ownerId: userId ?? null };
      const orderBy = [{ scope: 'asc' }, { updatedAt: 'desc' }] as const;
      return db.snapshot(viewer, (tx) =>
        tx.riskLimits.findMany({ where, orderBy: [...orderBy], take: LISTED_MAX }),
      );
    },

    effective: (rows) => strictestOf(rows.map(limitsOfRow)),
  };
}

interface Put {
  readonly tx: Tx;
  readonly self: AuthenticatedViewer;
  readonly target: RiskTarget;
  readonly change: LimitChange;
}

async function put(
  { clock, ids, audit }: RiskWritePorts,
  { tx, self, target, change: { allowedSymbols, ...change } }: Put,
): Promise<string> {
  await expectSymbols(tx, { allowedSymbols: allowedSymbols ?? null });
  await lockTarget(tx, target);
  const now = clock.now();
  const before = await tx.riskLimits.findFirst({ where: target });
  const data = {
    ...change,
    ...(allowedSymbols !== undefined && { allowedSymbols: [...(allowedSymbols ?? [])] }),
    ...{ updatedBy: self.userId, updatedAt: now },
  };
  const after = before
    ? await tx.riskLimits.update({ where: { id: before.id }, data })
    : await tx.riskLimits.create({ data: { id: ids.next(), ...target, ...data } });
  await audit.record(tx, self, {
    action: 'risk-limits.changed',
    ...auditTargetOf(target),
    ...(before && { before: toldLimits(before) }),
    after: toldLimits(after),
  });
  await appendEvents(tx, [riskLimitsChanged(target, after)]);
  return after.id;
}

/** What a key is bound to: the same limits in other digits are the same. */
function commandOf(change: LimitChange) {
  return Object.fromEntries(
    Object.entries(change).map(([name, value]) => [
      name,
      Decimal.isDecimal(value) ? toText(value) : value,
    ]),
  );
}
