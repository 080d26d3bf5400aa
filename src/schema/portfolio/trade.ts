import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';
import { OrderSideEnum } from '../trading/enums.ts';
import {
  FeeModelEnum,
  LiquidityModelEnum,
  SlippageModelEnum,
  TradeLiquidityEnum,
} from './fill-models.ts';

const TradeSourceEnum = builder.enumType('TradeSource', {
  description: 'Where a trade was made.',
  values: {
    PAPER: { description: 'By our own engine, at a quote.' },
    IMPORTED: { description: 'Elsewhere: it was read from records.' },
    BROKER: { description: 'At the broker of the account, who told of it.' },
    EXTERNAL: { description: 'Elsewhere: the owner reported it.' },
    CORRECTION: {
      description:
        'Not at all: imported records jump here, and what they jump by was taken in, or given away, ' +
        "at the market's price. Or what was held when a broker was connected, and a fee that an exchange " +
        'took of the coin itself: it is sold at the price of the fill, and the fee is what that brings.',
    },
    SPLIT: {
      description:
        'Not at all: a split brought or took this much for nothing, or a fraction that it left was ' +
        "exchanged for cash at the market's price.",
    },
    RESET: { description: "Not at all: a reset gave it back, at the market's price." },
  },
});

const TradeFlagEnum = builder.enumType('TradeFlag', {
  description: 'What is odd about an imported trade. It is kept all the same.',
  values: {
    PRICE_OUTSIDE_BAR: {
      description: 'Its price lies outside the low and high of its bar.',
    },
    NO_BAR: { description: 'There is no bar at its time to compare it with.' },
    OUT_OF_ORDER: {
      description:
        'Its record is dated before the one above it; it counts at the time of that one.',
    },
    STATED_PRICE_DIFFERS: {
      description: 'The price that its record states is not what the cash changed by.',
    },
  },
});

export const Trade = builder.prismaNode('Trade', {
  nullable: true,
  description:
    'A fill: a quantity that changed hands at a price. ' +
    'Example: selling 5 at 18 of what cost 15 on average realizes 15, less the fee.',
  id: { field: 'id' },
  fields: (t) => ({
    side: t.expose('side', { type: OrderSideEnum, description: 'Bought or sold.' }),
    quantity: t.expose('quantity', { type: 'Decimal', description: 'How much; positive.' }),
    price: t.expose('price', { type: 'Decimal', description: 'Of one.' }),
    fee: t.expose('fee', { type: 'Decimal', description: 'Fee that was taken.' }),
    cashAmount: t.expose('cashAmount', {
      type: 'Decimal',
      description: 'Change of cash that was booked, without the fee; negative for a buy.',
    }),
    realizedGross: t.expose('realizedGross', {
      type: 'Decimal',
      description: 'Profit that it booked, before the fee. Zero when it only opened or added.',
    }),
    source: t.expose('source', { type: TradeSourceEnum, description: 'Where it was made.' }),
    flags: t.expose('flags', {
      type: [TradeFlagEnum],
      description: 'What is odd about it; empty for all but some imported trades.',
    }),
    quoteBid: t.expose('quoteBid', {
      type: 'Decimal',
      nullable: true,
      description: 'Bid of the quote that it filled at. Null for an imported trade.',
    }),
    quoteAsk: t.expose('quoteAsk', {
      type: 'Decimal',
      nullable: true,
      description: 'Ask of the quote that it filled at. Null for an imported trade.',
    }),
    quoteTime: t.expose('quoteTime', {
      type: 'DateTime',
      nullable: true,
      description: 'Time of the quote that it filled at. Null for an imported trade.',
    }),
    liquidity: t.expose('liquidity', {
      type: TradeLiquidityEnum,
      nullable: true,
      description: 'Whether it made or took liquidity. Null where nobody said.',
    }),
    feeModel: t.expose('feeModel', {
      type: FeeModelEnum,
      nullable: true,
      description: 'What its fee was reckoned with. Null for a fill elsewhere.',
    }),
    slippageModel: t.expose('slippageModel', {
      type: SlippageModelEnum,
      nullable: true,
      description: 'What its price was reckoned with. Null for a fill elsewhere.',
    }),
    liquidityModel: t.expose('liquidityModel', {
      type: LiquidityModelEnum,
      nullable: true,
      description: 'What its quantity was reckoned with. Null for a fill elsewhere.',
    }),
    slippage: t.expose('slippage', {
      type: 'Decimal',
      nullable: true,
      description: 'What slippage cost, of one; 0 for none. Null where it is not known.',
    }),
    brokerTradeId: t.exposeString('brokerTradeId', {
      nullable: true,
      description: "The broker's id of it, or that of who reported it. Null on paper.",
    }),
    executedAt: t.expose('executedAt', { type: 'DateTime', description: 'When it was made.' }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When it was written down; later than executedAt for an imported one.',
    }),
  }),
});

export const TradeConnection = connectionOf(Trade, { name: 'Trade', entries: 'trades' });

export const TradeFilterInput = builder.inputType('TradeFilter', {
  description: 'What narrows a list of trades. All of it must hold.',
  fields: (t) => ({
    symbol: t.string({ required: false, description: 'Of this instrument.' }),
    side: t.field({ type: OrderSideEnum, required: false, description: 'Bought or sold.' }),
    from: t.field({ type: 'DateTime', required: false, description: 'Executed then or later.' }),
    to: t.field({ type: 'DateTime', required: false, description: 'Executed before.' }),
  }),
});
