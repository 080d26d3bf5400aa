import { builder } from '../builder.ts';

export const TakeProfitInput = builder.inputType('TakeProfitInput', {
  description: 'A limit order that closes with a profit. Example: `{ limitPrice: "120" }`.',
  fields: (t) => ({
    limitPrice: t.field({
      type: 'Decimal',
      description:
        'Beyond the price that it is entered at: above it after a buy, below it after a sell.',
    }),
  }),
});

export const StopLossInput = builder.inputType('StopLossInput', {
  description: 'A stop order that ends a loss. Example: `{ stopPrice: "95" }`.',
  fields: (t) => ({
    stopPrice: t.field({
      type: 'Decimal',
      description:
        'What sets it off, on the other side of that price: below it after a buy, above it after a sell.',
    }),
    limitPrice: t.field({
      type: 'Decimal',
      required: false,
      description: 'The worst price that it then fills at. At the market when it is left out.',
    }),
  }),
});
