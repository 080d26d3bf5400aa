import type { OwnEvent, OwnItem } from '../../services/accounts/own-events.ts';
import type { Gap } from '../../services/platform/event-log/log-reader.ts';
import type { RiskNews } from '../../services/trading/risk/risk-news.ts';
import { builder, type GraphTypes } from '../builder.ts';
import { CURSOR, OCCURRED_AT } from '../platform/event-words.ts';
import { StreamGap } from '../platform/stream.ts';
import { Account } from '../portfolio/account.ts';
import { KillSwitch, RiskLimits, TradingStatus } from './risk.ts';

type News<Kind extends RiskNews['kind']> = OwnEvent<Extract<RiskNews, { readonly kind: Kind }>>;

/** The same item, as one of the types that a union knows. */
export function riskItemOf(item: OwnItem<RiskNews>): Gap | News<'switch'> | News<'limits'> {
  if (item.kind === 'gap') return item;
  const { row, ...event } = item;
  return row.kind === 'switch' ? { ...event, row } : { ...event, row };
}

type Types = PothosSchemaTypes.ExtendDefaultTypes<GraphTypes>;
type Fields<Event> = PothosSchemaTypes.ObjectFieldBuilder<Types, Event>;

/** When it was, and where it stands among all events. */
const eventFields = <Event extends OwnEvent<RiskNews>>(t: Fields<Event>) => ({
  cursor: t.field({ type: 'Cursor', description: CURSOR, resolve: ({ cursor }) => cursor }),
  occurredAt: t.field({
    type: 'DateTime',
    description: OCCURRED_AT,
    resolve: ({ occurredAt }) => occurredAt,
  }),
});

const accountField = <Event>(t: Fields<Event>, idOf: (event: Event) => string | null) =>
  t.field({
    type: Account,
    nullable: true,
    description: 'For which account. Null when they hold for all of yours.',
    resolve: (event, _args, { load }) => {
      const id = idOf(event);
      return id === null ? null : load.byId('account', id);
    },
  });

export const KillSwitchChanged = builder.objectRef<News<'switch'>>('KillSwitchChanged').implement({
  description: 'A kill switch of yours was turned, by you or by an administrator.',
  fields: (t) => ({
    ...eventFields(t),
    account: accountField(t, ({ row }) => row.killSwitch.accountId),
    killSwitch: t.field({
      type: KillSwitch,
      description: 'The switch as the event left it.',
      resolve: ({ row }) => row.killSwitch,
    }),
  }),
});

export const RiskLimitsChanged = builder.objectRef<News<'limits'>>('RiskLimitsChanged').implement({
  description: 'Limits of yours were set, by you or by an administrator.',
  fields: (t) => ({
    ...eventFields(t),
    account: accountField(t, ({ row }) => row.limits.accountId),
    riskLimits: t.field({
      type: RiskLimits,
      description: 'The limits as the event left them.',
      resolve: ({ row }) => row.limits,
    }),
  }),
});

const TradingStatusChanged = builder.objectRef<News<'switch'>>('TradingStatusChanged').implement({
  description: 'Trading of the whole deployment was halted, or goes on.',
  fields: (t) => ({
    ...eventFields(t),
    status: t.field({
      type: TradingStatus,
      description: 'Whether orders are taken.',
      resolve: ({ row }) => row.killSwitch,
    }),
  }),
});

const DeploymentLimitsChanged = builder
  .objectRef<News<'limits'>>('DeploymentLimitsChanged')
  .implement({
    description:
      'The limits of the whole deployment are not as they were: load `effectiveRiskLimits` of your accounts ' +
      'anew.',
    fields: (t) => ({
      ...eventFields(t),
    }),
  });

export const RiskEventPayload = builder.unionType('RiskEventPayload', {
  description: 'A kill switch or limits, or the news that some may be missing.',
  types: [KillSwitchChanged, RiskLimitsChanged, StreamGap],
  resolveType: (item) => {
    if (item.kind === 'gap') return StreamGap;
    return item.row.kind === 'switch' ? KillSwitchChanged : RiskLimitsChanged;
  },
});

export const DeploymentRiskEventPayload = builder.unionType('DeploymentRiskEventPayload', {
  description: 'What changed for everybody, or the news that some may be missing.',
  types: [TradingStatusChanged, DeploymentLimitsChanged, StreamGap],
  resolveType: (item) => {
    if (item.kind === 'gap') return StreamGap;
    return item.row.kind === 'switch' ? TradingStatusChanged : DeploymentLimitsChanged;
  },
});
