import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { Account } from '../../schema/portfolio/account.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import {
  AccountClosed,
  AccountKindMismatch,
  AccountNotEmpty,
  AccountOfModel,
  WithdrawalTooLarge,
} from '../../services/portfolio/errors.ts';

const result = (done: string) => ({
  result: { description: done },
  union: { description: `${done} Or why it was not.` },
  dataField: { name: 'account', description: 'The account as it is now.' },
});
const REFUSALS = [AccountClosed, AccountKindMismatch, AccountOfModel, IdempotencyConflict];

builder.mutationFields((t) => {
  const accountId = () => t.input.globalID({ for: Account, description: 'Id of the account.' });
  const idempotencyKey = () => t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText });
  const amount = (description: string) => t.input.field({ type: 'Decimal', description });
  return {
    depositFunds: t.fieldWithInput({
      type: Account,
      description:
        'Puts money into an account on paper, or one that is traded elsewhere. It counts as money from ' +
        'outside, and never as profit.',
      errors: { types: REFUSALS, ...result('The money is in the account.') },
      typeOptions: { description: 'How much goes where.' },
      argOptions: { description: 'How much goes where.' },
      input: {
        accountId: accountId(),
        amount: amount('Above 0, up to 1,000,000,000, in whole minor units.'),
        idempotencyKey: idempotencyKey(),
      },
      resolve: (_root, { input: { accountId: id, ...input } }, { viewer, services }) =>
        services.accountCash.deposit(viewer, { ...input, accountId: id.id }),
    }),
    withdrawFunds: t.fieldWithInput({
      type: Account,
      description: 'Takes money out of such an account, up to its buying power.',
      errors: {
        types: [...REFUSALS, WithdrawalTooLarge],
        ...result('The money was taken out.'),
      },
      typeOptions: { description: 'How much is taken out of where.' },
      argOptions: { description: 'How much is taken out of where.' },
      input: {
        accountId: accountId(),
        amount: amount('Above 0 and up to the buying power, in whole minor units.'),
        idempotencyKey: idempotencyKey(),
      },
      resolve: (_root, { input: { accountId: id, ...input } }, { viewer, services }) =>
        services.accountCash.withdraw(viewer, { ...input, accountId: id.id }),
    }),
    resetAccount: t.fieldWithInput({
      type: Account,
      description:
        'Brings an account on paper back to its starting cash: cancels its open orders, gives what it ' +
        "holds back at the market's price, and moves the difference. Its history stays.",
      errors: { types: [...REFUSALS, AccountNotEmpty], ...result('The account was reset.') },
      typeOptions: { description: 'Which account is reset.' },
      argOptions: { description: 'Which account is reset.' },
      input: { accountId: accountId(), idempotencyKey: idempotencyKey() },
      resolve: (_root, { input: { accountId: id, ...input } }, { viewer, services }) =>
        services.accountReset.reset(viewer, { ...input, accountId: id.id }),
    }),
  };
});
