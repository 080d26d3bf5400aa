import type { EffectiveLimits } from '../../services/trading/risk/limits.ts';
import type {
  ToldLimits as Limits,
  ToldSwitch as Switch,
} from '../../services/trading/risk/risk-news.ts';
import { builder } from '../builder.ts';

export const RiskScopeEnum = builder.enumType('RiskScope', {
  description: 'For whom or what a limit or a kill switch holds.',
  values: {
    DEPLOYMENT: { description: 'Everybody. Administrators set it.' },
    USER: { description: 'All accounts of one person.' },
    ACCOUNT: { description: 'One account.' },
  },
});

const MAX_ORDER_VALUE =
  'What one order may be worth at its limit, its stop or the market, in the currency of the account.';
const MAX_POSITION_SHARE =
  'How much of the equity a position may be, with the order and all open ones of its side, from 0 to 1.';
const PRICE_COLLAR = 'How much worse than the market a limit price may be, as a share: 0.2 is 20%.';
const MAX_INSTRUMENT_PRICE = 'What one of an instrument may cost, in its currency.';
const ORDERS_PER_MINUTE = 'How many orders may be placed in any minute; denied ones count.';
const DAILY_LOSS_LIMIT =
  'Loss of equity since the trading day of the account began, at which nothing new is opened. Money paid ' +
  'in or out does not count.';
const ALLOWED_SYMBOLS = 'The instruments in which positions may be opened.';

export const RiskLimits = builder.objectRef<Limits>('RiskLimits').implement({
  description:
    'Limits that the orders of an account, of a person or of everybody are held to, as the owner or as ' +
    'administrators set them. Of all that hold for an account, the strictest decides.',
  fields: (t) => ({
    scope: t.expose('scope', { type: RiskScopeEnum, description: 'For whom they hold.' }),
    isByAdministrator: t.exposeBoolean('isByAdministrator', {
      description: 'Whether administrators set them, and alone change them; else the owner does.',
    }),
    maxOrderValue: t.expose('maxOrderValue', {
      type: 'Decimal',
      nullable: true,
      description: `${MAX_ORDER_VALUE} Null for no limit.`,
    }),
    maxPositionShare: t.expose('maxPositionShare', {
      type: 'Decimal',
      nullable: true,
      description: `${MAX_POSITION_SHARE} Null for no limit.`,
    }),
    priceCollar: t.expose('priceCollar', {
      type: 'Decimal',
      nullable: true,
      description: `${PRICE_COLLAR} Null for that of the deployment.`,
    }),
    maxInstrumentPrice: t.expose('maxInstrumentPrice', {
      type: 'Decimal',
      nullable: true,
      description: `${MAX_INSTRUMENT_PRICE} Null for no limit.`,
    }),
    ordersPerMinute: t.exposeInt('ordersPerMinute', {
      nullable: true,
      description: `${ORDERS_PER_MINUTE} Counted over all for whom they hold. Null for no limit.`,
    }),
    dailyLossLimit: t.expose('dailyLossLimit', {
      type: 'Decimal',
      nullable: true,
      description: `${DAILY_LOSS_LIMIT} Null for no limit.`,
    }),
    allowedSymbols: t.field({
      type: ['String'],
      nullable: true,
      description: `${ALLOWED_SYMBOLS} Null for all.`,
      resolve: ({ allowedSymbols }) => (allowedSymbols.length > 0 ? allowedSymbols : null),
    }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When they last changed.' }),
  }),
});

/** With whose it is: who may read it is asked of the row. */
export type OwnedEffectiveLimits = EffectiveLimits & { readonly ownerId: string };

export const EffectiveRiskLimits = builder
  .objectRef<OwnedEffectiveLimits>('EffectiveRiskLimits')
  .implement({
    description:
      'What holds for an account: the strictest of each limit over all scopes, whoever set it.',
    fields: (t) => ({
      maxOrderValue: t.expose('maxOrderValue', {
        type: 'Decimal',
        nullable: true,
        description: `${MAX_ORDER_VALUE} Null for no limit.`,
      }),
      maxPositionShare: t.expose('maxPositionShare', {
        type: 'Decimal',
        nullable: true,
        description: `${MAX_POSITION_SHARE} Null for no limit.`,
      }),
      priceCollar: t.expose('priceCollar', { type: 'Decimal', description: PRICE_COLLAR }),
      maxInstrumentPrice: t.expose('maxInstrumentPrice', {
        type: 'Decimal',
        nullable: true,
        description: `${MAX_INSTRUMENT_PRICE} Null for no limit.`,
      }),
      ordersPerMinute: t.exposeInt('ordersPerMinute', {
        nullable: true,
        description: `${ORDERS_PER_MINUTE} The least over all scopes. Null for no limit.`,
      }),
      dailyLossLimit: t.expose('dailyLossLimit', {
        type: 'Decimal',
        nullable: true,
        description: `${DAILY_LOSS_LIMIT} Null for no limit.`,
      }),
      allowedSymbols: t.field({
        type: ['String'],
        nullable: true,
        description: `${ALLOWED_SYMBOLS} Null for all.`,
        resolve: ({ allowedSymbols }) => allowedSymbols && [...allowedSymbols],
      }),
    }),
  });

export const KillSwitch = builder.objectRef<Switch>('KillSwitch').implement({
  description:
    'Halts trading while it is on: every new order is refused, even one that would close a position, and ' +
    'those that are open are canceled.',
  fields: (t) => ({
    scope: t.expose('scope', { type: RiskScopeEnum, description: 'For whom it holds.' }),
    isOn: t.exposeBoolean('isOn', { description: 'Whether trading is halted by it.' }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why, in the words of who turned it. Null when they gave none.',
    }),
    isByAdministrator: t.exposeBoolean('isByAdministrator', {
      description:
        "Whether it is the switch of administrators, which they alone turn; else it is the owner's.",
    }),
    changedAt: t.expose('changedAt', { type: 'DateTime', description: 'When it was last turned.' }),
  }),
});

export const TradingStatus = builder
  .objectRef<Partial<Pick<Switch, 'isOn' | 'reason' | 'changedAt'>>>('TradingStatus')
  .implement({
    description: 'Whether the whole deployment takes orders.',
    fields: (t) => ({
      isHalted: t.boolean({
        description: 'Whether no order is taken from anybody.',
        resolve: ({ isOn }) => isOn === true,
      }),
      reason: t.string({
        nullable: true,
        description: 'Why it is halted. Null when it is not, or no reason was given.',
        resolve: ({ isOn, reason }) => (isOn ? (reason ?? null) : null),
      }),
      since: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'Since when it is halted. Null when it is not.',
        resolve: ({ isOn, changedAt }) => (isOn ? (changedAt ?? null) : null),
      }),
    }),
  });

export const RiskLimitChangeInput = builder.inputType('RiskLimitChange', {
  description: 'Limits that change. Null takes one away; what is left out stays as it is.',
  fields: (t) => ({
    maxOrderValue: t.field({ type: 'Decimal', required: false, description: MAX_ORDER_VALUE }),
    maxPositionShare: t.field({
      type: 'Decimal',
      required: false,
      description: MAX_POSITION_SHARE,
    }),
    priceCollar: t.field({
      type: 'Decimal',
      required: false,
      description: `${PRICE_COLLAR} People and accounts make that of the deployment tighter alone.`,
    }),
    maxInstrumentPrice: t.field({
      type: 'Decimal',
      required: false,
      description: MAX_INSTRUMENT_PRICE,
    }),
    ordersPerMinute: t.int({ required: false, description: ORDERS_PER_MINUTE }),
    dailyLossLimit: t.field({ type: 'Decimal', required: false, description: DAILY_LOSS_LIMIT }),
    allowedSymbols: t.stringList({
      required: false,
      description: `${ALLOWED_SYMBOLS} At most 500.`,
    }),
  }),
});
