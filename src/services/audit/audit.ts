import type { Prisma } from '../platform/prisma/client.ts';
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import type { Tx } from '../platform/database.ts';
import type { Viewer } from '../platform/viewer.ts';

/** What is recorded: people, permissions, secrets, settings, kill switches, money moved by hand. */
export const AUDIT_ACTIONS = [
  'user.signed-up',
  'user.email-verified',
  'user.let-in',
  'user.password-reset-requested',
  'user.password-reset-mailed',
  'user.password-reset',
  'user.password-changed',
  'user.profile-updated',
  'approved-emails.added',
  'approved-emails.removed',
  'approved-emails.change-refused',
  'user.logged-in',
  'user.log-in-refused',
  'user.password-refused',
  'user.second-factor-asked',
  'user.second-factor-refused',
  'user.second-factor-confirmed',
  'user.second-factor-reset',
  'user.totp-enabled',
  'user.totp-disabled',
  'user.passkey-added',
  'user.passkey-removed',
  'user.recovery-codes-renewed',
  'user.logged-out',
  'user.logged-out-everywhere',
  'user.session-ended',
  'user.refresh-token-reused',
  'user.activated',
  'user.approved',
  'user.rejected',
  'user.disabled',
  'user.enabled',
  'user.role-changed',
  'user.change-refused',
  'user.created',
  'user.updated',
  'user.deleted',
  'api-key.created',
  'api-key.creation-refused',
  'api-key.refused',
  'api-key.revoked',
  'credential.stored',
  'credential.deleted',
  'secrets.rotated',
  'webhook.created',
  'webhook.changed',
  'webhook.replayed',
  'webhook.secret-rotated',
  'webhook.deleted',
  'webhook.disabled',
  'settings.ai-provider-changed',
  'settings.change-refused',
  'risk-limits.changed',
  'risk-limits.change-refused',
  'kill-switch.turned-on',
  'kill-switch.turned-off',
  'kill-switch.change-refused',
  'mail.retried',
  'mail.change-refused',
  'model.created',
  'model.updated',
  'model.started',
  'model.stopped',
  'account.opened',
  'account.updated',
  'account.closed',
  'account.deposited',
  'account.withdrawn',
  'account.reset',
  'account.statement-linked',
  'corporate-action.announced',
  'corporate-action.refused',
  'records.imported',
  'account.broker-connected',
  'account.broker-disconnected',
  'account.broker-keys-changed',
  'account.live-trading-enabled',
  'account.live-trading-disabled',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What it may be done to. */
export const AUDIT_TARGET_TYPES = [
  'User',
  'Session',
  'ApprovedEmail',
  'ApiKey',
  'Model',
  'Account',
  'CorporateAction',
  'Credential',
  'AiProvider',
  'Vault',
  'Webhook',
  'Mail',
  'Deployment',
] as const;
export type AuditTargetType = (typeof AUDIT_TARGET_TYPES)[number];

export interface AuditEntry {
  readonly action: AuditAction;
  readonly targetType: AuditTargetType;
  readonly targetId: string | null;
  /** State before and after, without secrets. */
  readonly before?: Prisma.InputJsonObject;
  readonly after?: Prisma.InputJsonObject;
}

/** Writes audit rows in the transaction of what they record. */
export interface Audit {
  /** The actor and the circumstances come from the viewer. */
  record(tx: Tx, viewer: Viewer, entry: AuditEntry): Promise<void>;
}

export function createAudit({ clock, ids }: { clock: Clock; ids: Ids }): Audit {
  const jsonOf = (value: Prisma.InputJsonObject | undefined) =>
    value === undefined ? null : JSON.stringify(value);
  return {
    async record(tx, viewer, { action, targetType, targetId, before, after: done }) {
      // Somebody with a key acts in the name of its owner: which key says who it was.
      const { apiKey } = viewer;
      const after = apiKey ? { ...done, apiKeyId: apiKey.id } : done;
      // Not `create`: the server's role may write audit rows and not read them.
      await tx.$executeRaw`
        INSERT INTO audit_records (id, occurred_at, actor_id, action, target_type, target_id,
          before, after, address, user_agent, request_id)
        VALUES (${ids.next()}::uuid, ${clock.now()}, ${viewer.userId}::uuid, ${action},
          ${targetType}, ${targetId}, ${jsonOf(before)}::jsonb, ${jsonOf(after)}::jsonb,
          ${viewer.address}, ${viewer.userAgent}, ${viewer.requestId})`;
    },
  };
}
