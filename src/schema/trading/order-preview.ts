import type { OrderDenied } from '../../services/trading/errors.ts';
import type { OrderPreview as Preview } from '../../services/trading/order-preview.ts';
import { builder } from '../builder.ts';
import { Account } from '../portfolio/account.ts';
import { orderTerms } from './order-terms.ts';
import { OrderDeniedInterface } from './errors.ts';

export const OrderPreview = builder.objectRef<Preview>('OrderPreview').implement({
  description: 'What would come of an order now. Nothing is stored, and nothing is promised.',
  fields: (t) => ({
    isAllowed: t.boolean({
      description: 'Whether it would be taken.',
      resolve: ({ refusal }) => refusal === null,
    }),
    refusal: t.field({
      type: OrderDeniedInterface,
      nullable: true,
      description: 'Why it would not be taken. Null if it would.',
      resolve: ({ refusal }) => refusal && asData(refusal),
    }),
    price: t.expose('price', {
      type: 'Decimal',
      nullable: true,
      description:
        'What it is reckoned with: its limit, or what the market asks or bids with the slippage of the ' +
        'account. Null where neither is known.',
    }),
    slippage: t.expose('slippage', {
      type: 'Decimal',
      nullable: true,
      description: 'What of the price is slippage. Null without a price.',
    }),
    notional: t.expose('notional', {
      type: 'Decimal',
      nullable: true,
      description: 'Price times quantity. Null without a price.',
    }),
    fee: t.expose('fee', {
      type: 'Decimal',
      nullable: true,
      description: 'Fee on that in one fill, by what the account pays. Null without a price.',
    }),
    reserve: t.expose('reserve', {
      type: 'Decimal',
      description: 'Cash that it would hold back until it fills; 0 for a sell.',
    }),
    buyingPower: t.expose('buyingPower', { type: 'Decimal', description: 'What is free now.' }),
    buyingPowerAfter: t.expose('buyingPowerAfter', {
      type: 'Decimal',
      description: 'What would be free once it was placed.',
    }),
  }),
});

/** An error that a resolver answers with would be thrown: here it is what was asked for. */
function asData(refusal: OrderDenied): OrderDenied {
  const { name, message } = refusal;
  return Object.assign({}, refusal, { name, message });
}

export const PreviewOrderInput = builder.inputType('PreviewOrderInput', {
  description: 'An order as `placeOrder` takes it.',
  fields: (t) => ({
    accountId: t.globalID({ for: Account, description: 'The account that it would be for.' }),
    ...orderTerms(t),
  }),
});
