import { z } from 'zod';
import type { StoredEvent } from '../../platform/event-log/stored-event.ts';
import type { NewEvent } from '../../platform/outbox.ts';
import { decimalField, timeField } from '../../platform/payload.ts';
import type { KillSwitch, RiskLimits } from '../../platform/prisma/client.ts';
import { RiskScope } from '../../platform/prisma/enums.ts';
import { accountTopic } from '../../portfolio/events.ts';
import { toldLimits } from './limit-rows.ts';
import type { RiskTarget } from './risk-target.ts';

export const KILL_SWITCH_CHANGED = 'KillSwitchChanged';
export const RISK_LIMITS_CHANGED = 'RiskLimitsChanged';

/** What holds for everybody is told to everybody. */
export const DEPLOYMENT_TOPIC = 'deployment';

interface Whose {
  readonly ownerId: string | null;
  /** Null for all accounts of the owner. */
  readonly accountId: string | null;
}

export type ToldSwitch = Whose &
  Pick<KillSwitch, 'scope' | 'isOn' | 'reason' | 'isByAdministrator' | 'changedAt'>;
export type ToldLimits = Whose & Omit<RiskLimits, 'id' | 'updatedBy'>;

/** A kill switch or limits as a change left them. */
export type RiskNews =
  | { readonly kind: 'switch'; readonly killSwitch: ToldSwitch }
  | { readonly kind: 'limits'; readonly limits: ToldLimits };

export function killSwitchChanged(target: RiskTarget, row: KillSwitch): NewEvent {
  const payload = { ...toldSwitch(row), changedAt: row.changedAt.toISOString() };
  return riskEvent(target, { type: KILL_SWITCH_CHANGED, payload, occurredAt: row.changedAt });
}

export function riskLimitsChanged(target: RiskTarget, row: RiskLimits): NewEvent {
  const payload = toldLimits(row);
  return riskEvent(target, { type: RISK_LIMITS_CHANGED, payload, occurredAt: row.updatedAt });
}

/** As an audit row and an event tell it. */
export function toldSwitch({ scope, isOn, reason, isByAdministrator }: KillSwitch) {
  return { scope, isOn, reason, isByAdministrator };
}

/** An event of the account, of the person, or for everybody. */
function riskEvent(
  { ownerId, accountId }: RiskTarget,
  { type, payload, occurredAt }: Pick<NewEvent, 'type' | 'payload' | 'occurredAt'>,
): NewEvent {
  const ofPerson = ownerId === null ? DEPLOYMENT_TOPIC : `user:${ownerId}`;
  const topic = accountId === null ? ofPerson : accountTopic(accountId);
  return { topic, ownerId, type, version: 1, payload, occurredAt };
}

const switchPayload = z.object({
  scope: z.enum(RiskScope),
  isOn: z.boolean(),
  reason: z.string().nullable(),
  isByAdministrator: z.boolean(),
  changedAt: timeField,
});

const limit = decimalField.nullable();
const limitsPayload = z.object({
  scope: z.enum(RiskScope),
  isByAdministrator: z.boolean(),
  maxOrderValue: limit,
  maxPositionShare: limit,
  priceCollar: limit,
  maxInstrumentPrice: limit,
  ordersPerMinute: z.number().nullable(),
  dailyLossLimit: limit,
  allowedSymbols: z
    .array(z.string())
    .nullable()
    .transform((symbols) => symbols ?? []),
});

const ACCOUNT_TOPIC = accountTopic('');

/** What an event of either type tells, of version 1; throws a ZodError else. */
export function parseRiskNews(
  payload: unknown,
  { type, topic, ownerId, occurredAt }: StoredEvent,
): RiskNews {
  const isOfAccount = topic.startsWith(ACCOUNT_TOPIC);
  const whose = { ownerId, accountId: isOfAccount ? topic.slice(ACCOUNT_TOPIC.length) : null };
  return type === KILL_SWITCH_CHANGED
    ? { kind: 'switch', killSwitch: { ...whose, ...switchPayload.parse(payload) } }
    : {
        kind: 'limits',
        limits: { ...whose, ...limitsPayload.parse(payload), updatedAt: occurredAt },
      };
}
