import { builder } from '../../schema/builder.ts';
import { keyText } from '../../schema/inputs.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { Trade } from '../../schema/portfolio/trade.ts';
import { OrderSideEnum } from '../../schema/trading/enums.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import {
  AccountClosed,
  AccountKindMismatch,
  TradeOutOfOrder,
} from '../../services/portfolio/errors.ts';
import { given } from '../given.ts';

builder.mutationField('recordTrade', (t) =>
  t.fieldWithInput({
    type: Trade,
    description:
      'Books a fill that was made elsewhere, in an account of kind EXTERNAL. It is a fact: no funds are ' +
      'asked for, and cash may go below zero. Report the trades of an instrument in the order of their ' +
      'times.',
    errors: {
      types: [AccountClosed, AccountKindMismatch, IdempotencyConflict, TradeOutOfOrder],
      result: { description: 'The trade is booked.' },
      union: { description: 'The trade is booked, or why it was not.' },
      dataField: { name: 'trade', description: 'The trade.' },
    },
    typeOptions: { description: 'What was traded.' },
    argOptions: { description: 'What was traded.' },
    input: {
      accountId: t.input.globalID({ for: Account, description: 'The account of kind EXTERNAL.' }),
      symbol: t.input.string({ description: 'What was bought or sold.' }),
      side: t.input.field({ type: OrderSideEnum, description: 'Bought or sold.' }),
      quantity: t.input.field({ type: 'Decimal', description: 'How much; positive, on no lot.' }),
      price: t.input.field({ type: 'Decimal', description: 'Of one; positive.' }),
      fee: t.input.field({
        type: 'Decimal',
        required: false,
        description: "In the account's currency, not negative; 0 if left out.",
      }),
      executedAt: t.input.field({
        type: 'DateTime',
        description: 'When it was made: not before the account was opened, and not ahead.',
      }),
      tradeId: t.input.string({
        description:
          'Your id of it, unique in the account: the same report again answers with the same trade, for ' +
          'as long as the account is kept. At most 100 characters.',
        validate: keyText,
      }),
    },
    resolve: (_root, { input: { accountId, fee, ...input } }, { viewer, services }) =>
      services.tradeReports.record(viewer, {
        ...input,
        ...given({ fee }),
        accountId: accountId.id,
      }),
  }),
);
