import type { InputFieldBuilder } from '@pothos/core';
import type { builder } from '../builder.ts';
import { OrderClassEnum, OrderSideEnum, OrderTypeEnum, TimeInForceEnum } from './enums.ts';
import { StopLossInput, TakeProfitInput } from './order-legs.ts';

type Types = typeof builder.$inferSchemaTypes;

type Inputs = InputFieldBuilder<Types, 'InputObject'>;

/** The orders that come with it. */
const legTerms = (t: Inputs) =>
  ({
    orderClass: t.field({
      type: OrderClassEnum,
      required: false,
      description:
        'SIMPLE if left out. BRACKET enters and leaves: it needs `takeProfit` and `stopLoss`, which wait ' +
        'until the order fills. OTO needs one of them. OCO is both of them for what is held already, on ' +
        'their own `side`, without `type` and prices of the order itself.',
    }),
    takeProfit: t.field({
      type: TakeProfitInput,
      required: false,
      description: 'Where the profit is taken. Of BRACKET, OCO and OTO.',
    }),
    stopLoss: t.field({
      type: StopLossInput,
      required: false,
      description: 'Where the loss is ended. Of BRACKET, OCO and OTO.',
    }),
  }) as const;

/**
 * What an order is, but for its account and its client order id: the same wherever one is asked
 * for.
 */
export const orderTerms = (t: Inputs) =>
  ({
    symbol: t.string({ description: 'What to buy or sell.' }),
    side: t.field({ type: OrderSideEnum, description: 'Buy or sell.' }),
    quantity: t.field({
      type: 'Decimal',
      required: false,
      description:
        'How much: a positive multiple of the lot of the instrument. Either this or `notional`.',
    }),
    notional: t.field({
      type: 'Decimal',
      required: false,
      description:
        'Of MARKET with DAY, GTC or IOC: what to spend or to get, fees apart. The quantity is reckoned ' +
        'from the quote, rounded down to the lot.',
    }),

    type: t.field({
      type: OrderTypeEnum,
      required: false,
      description: 'At which price it fills; MARKET if left out.',
    }),
    limitPrice: t.field({
      type: 'Decimal',
      required: false,
      description:
        'The worst price, on the tick of the instrument. LIMIT and STOP_LIMIT need it; others have none.',
    }),
    stopPrice: t.field({
      type: 'Decimal',
      required: false,
      description:
        'The price that sets it off: the ask at or above it for a buy, the bid at or below it for a ' +
        'sell. STOP and STOP_LIMIT need it; others have none.',
    }),
    trailAmount: t.field({
      type: 'Decimal',
      required: false,
      description:
        'How far the stop of a TRAILING_STOP follows the best price, on the tick of the instrument. ' +
        'Either this or `trailPercent`; others have none.',
    }),
    trailPercent: t.field({
      type: 'Decimal',
      required: false,
      description: 'The same in percent of that price: above 0 and below 100. Example: "2.5".',
    }),
    timeInForce: t.field({
      type: TimeInForceEnum,
      required: false,
      description: 'How long it stands; GTC if left out. An order with a stop is not IOC or FOK.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      required: false,
      description: 'When it ends, within a year. GTD needs it; others have none.',
    }),

    ...legTerms(t),
  }) as const;
