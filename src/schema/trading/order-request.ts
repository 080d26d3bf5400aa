import { builder } from '../builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../inputs.ts';
import { OrderClassEnum, OrderSideEnum, OrderTypeEnum, TimeInForceEnum } from './enums.ts';
import { StopLossInput, TakeProfitInput } from './order-legs.ts';

export const OrderRequestInput = builder.inputType('OrderRequest', {
  description: 'An order of a list, as `placeOrder` takes it.',
  fields: (t) => ({
    symbol: t.string({ description: 'What to buy or sell.' }),
    side: t.field({ type: OrderSideEnum, description: 'Buy or sell.' }),
    quantity: t.field({
      type: 'Decimal',
      required: false,
      description: 'How much. Either this or `notional`.',
    }),
    notional: t.field({
      type: 'Decimal',
      required: false,
      description: 'Of MARKET: what to spend or to get.',
    }),
    type: t.field({
      type: OrderTypeEnum,
      required: false,
      description: 'At which price it fills; MARKET if left out.',
    }),
    limitPrice: t.field({
      type: 'Decimal',
      required: false,
      description: 'The worst price; of LIMIT and STOP_LIMIT.',
    }),
    stopPrice: t.field({
      type: 'Decimal',
      required: false,
      description: 'The price that sets it off; of STOP and STOP_LIMIT.',
    }),
    trailAmount: t.field({
      type: 'Decimal',
      required: false,
      description: 'Distance of the stop in money; of TRAILING_STOP.',
    }),
    trailPercent: t.field({
      type: 'Decimal',
      required: false,
      description: 'The same in percent; of TRAILING_STOP.',
    }),
    timeInForce: t.field({
      type: TimeInForceEnum,
      required: false,
      description: 'How long it stands; GTC if left out.',
    }),
    expiresAt: t.field({ type: 'DateTime', required: false, description: 'When it ends; of GTD.' }),
    orderClass: t.field({
      type: OrderClassEnum,
      required: false,
      description: 'SIMPLE if left out.',
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
    clientOrderId: t.string({
      description: `${IDEMPOTENCY_KEY} It is unique in the account.`,
      validate: keyText,
    }),
  }),
});
