import { z } from 'zod';
import { may, type Capability } from '../../accounts/capabilities.ts';
import type { Audit, AuditAction, AuditTargetType } from '../../audit/audit.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database.ts';
import { Forbidden, InvalidInput, NotFound } from '../../platform/errors.ts';
import type { Ids } from '../../platform/ids.ts';
import { accountsOf, isOnPaper } from '../../platform/owner-filter.ts';
import type { RiskScope } from '../../platform/prisma/enums.ts';
import { requireUser, type AuthenticatedViewer, type Viewer } from '../../platform/viewer.ts';

/** Whom or what a limit or a switch is for, as a client names it. */
export interface WantedTarget {
  readonly scope: RiskScope;
  /** Of ACCOUNT, and of it alone. */
  readonly accountId?: string;
  /** Of USER; the viewer themselves when it is left out. */
  readonly userId?: string;
}

export type RiskTarget = {
  /**
   * Whether it is an administrator's word on others or that of the owner: two rows, of which each
   * is changed by its own kind. What administrators set for themselves is an owner's.
   */
  readonly isByAdministrator: boolean;
} & (
  | { readonly scope: 'DEPLOYMENT'; readonly ownerId: null; readonly accountId: null }
  | { readonly scope: 'USER'; readonly ownerId: string; readonly accountId: null }
  | { readonly scope: 'ACCOUNT'; readonly ownerId: string; readonly accountId: string }
);

export interface RiskWritePorts {
  /** The server's. */
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
}

const uuid = z.uuid();
export const DEPLOYMENT: RiskTarget = {
  ...{ scope: 'DEPLOYMENT', ownerId: null, accountId: null },
  isByAdministrator: true,
};

/**
 * Whether it is the viewer's own, as far as the words tell: an account is theirs or not found.
 * Throws InvalidInput for what does not go together.
 */
function isNamedAsOwn({ userId }: AuthenticatedViewer, wanted: WantedTarget): boolean {
  expectGiven('accountId', wanted.accountId, wanted.scope === 'ACCOUNT');
  if (wanted.scope !== 'USER') expectGiven('userId', wanted.userId, false);
  if (wanted.scope === 'USER') return (wanted.userId ?? userId) === userId;
  return wanted.scope === 'ACCOUNT';
}

/**
 * The viewer, who may set something for the target: traders for themselves, administrators who have
 * the capability for all. Throws Forbidden, and writes down who tried; InvalidInput for no target
 * at all.
 */
export async function requireRightOver(
  { db, audit }: RiskWritePorts,
  viewer: Viewer,
  asked: {
    readonly wanted: WantedTarget;
    readonly capability: Capability;
    readonly refusedAs: AuditAction;
  },
): Promise<AuthenticatedViewer> {
  const self = requireUser(viewer);
  const { wanted, capability, refusedAs: action } = asked;
  const isOwn = isNamedAsOwn(self, wanted);
  if (isOnPaper(self) && wanted.scope !== 'ACCOUNT') {
    throw new Forbidden('This key is for paper accounts alone.');
  }
  if (may(self, isOwn ? 'TRADE' : capability)) return self;
  const { scope, userId: targetId = null } = wanted;
  await db.withViewer(viewer, (tx) =>
    audit.record(tx, self, { action, targetType: TARGET_TYPES[scope], targetId }),
  );
  throw new Forbidden();
}

/** Finds it, as far as the viewer reaches. Throws NotFound. */
export async function findTarget(
  tx: Tx,
  viewer: AuthenticatedViewer,
  { wanted, capability }: { readonly wanted: WantedTarget; readonly capability: Capability },
): Promise<RiskTarget> {
  const { scope, accountId, userId = viewer.userId } = wanted;
  if (scope === 'DEPLOYMENT') return DEPLOYMENT;
  if (scope === 'USER') {
    const user = uuid.safeParse(userId).success
      ? await tx.user.findUnique({ where: { id: userId }, select: { id: true } })
      : null;
    if (!user) throw new NotFound('User');
    const isByAdministrator = user.id !== viewer.userId;
    return { scope, ownerId: user.id, accountId: null, isByAdministrator };
  }
  if (!uuid.safeParse(accountId).success) throw new NotFound('Account');
  const id = accountId ?? '';
  const everyones = isOnPaper(viewer) ? { kind: 'PAPER' as const } : {};
  const reach = may(viewer, capability) ? everyones : accountsOf(viewer);
  const account = await tx.account.findFirst({
    where: { id, ...reach },
    select: { id: true, ownerId: true },
  });
  if (!account) throw new NotFound('Account');
  const isByAdministrator = account.ownerId !== viewer.userId;
  return { scope, ownerId: account.ownerId, accountId: account.id, isByAdministrator };
}

/** Makes changes of one target wait for each other, where there may be no row yet to lock. */
export async function lockTarget(tx: Tx, { scope, ownerId, accountId }: RiskTarget): Promise<void> {
  const name = `tradegraph.risk ${scope} ${ownerId ?? ''} ${accountId ?? ''}`;
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
}

const TARGET_TYPES = {
  DEPLOYMENT: 'Deployment',
  USER: 'User',
  ACCOUNT: 'Account',
} as const satisfies Record<RiskScope, AuditTargetType>;

/** What an audit row says that it was done to. */
export function auditTargetOf({ scope, ownerId, accountId }: RiskTarget): {
  readonly targetType: AuditTargetType;
  readonly targetId: string | null;
} {
  return { targetType: TARGET_TYPES[scope], targetId: accountId ?? ownerId };
}

function expectGiven(field: string, value: string | undefined, isWanted: boolean): void {
  if ((value !== undefined) === isWanted) return;
  throw new InvalidInput(
    field,
    isWanted ? `Say which: ${field}.` : `${field} is not for this scope.`,
  );
}
