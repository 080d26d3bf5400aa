import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { Account, AccountKindEnum } from '../../schema/portfolio/account.ts';
import {
  FeeModelEnum,
  LiquidityModelEnum,
  SlippageModelEnum,
} from '../../schema/portfolio/fill-models.ts';
import { IdempotencyConflict, InvalidInput } from '../../services/platform/errors.ts';
import {
  AccountClosed,
  AccountLimit,
  AccountNotEmpty,
  AccountOfModel,
} from '../../services/portfolio/errors.ts';
import { given } from '../given.ts';

const result = (done: string) => ({
  result: { description: done },
  union: { description: `${done} Or why it was not.` },
  dataField: { name: 'account', description: 'The account as it is now.' },
});

const FillSettingsInput = builder.inputType('FillSettings', {
  description: 'How orders of an account on paper are filled. What is left out stays as it is.',
  fields: (t) => ({
    allowsShort: t.boolean({
      required: false,
      description: 'Whether it may sell what it does not hold; false for a new account.',
    }),
    slippageModel: t.field({
      type: SlippageModelEnum,
      required: false,
      description: 'How much worse than the quote fills are; NONE for a new account.',
    }),
    slippageBps: t.field({
      type: 'Decimal',
      required: false,
      description: 'Basis points of FIXED_BPS, from 0 to 1,000.',
    }),
    feeModel: t.field({
      type: FeeModelEnum,
      required: false,
      description: 'What fills pay; INSTRUMENT for a new account.',
    }),
    liquidityModel: t.field({
      type: LiquidityModelEnum,
      required: false,
      description: 'How much fills at one quote; QUOTED_SIZE for a new account.',
    }),
    latencyMs: t.int({
      required: false,
      description: 'How long an order takes to its venue, from 0 to 60,000 milliseconds.',
    }),
  }),
});

const optionalFills = (fills: typeof FillSettingsInput.$inferInput | null | undefined) =>
  fills ? { fills: given(fills) } : {};

/** An account at a broker comes with its connection. */
function kindOf(kind: typeof AccountKindEnum.$inferType | null | undefined): 'PAPER' | 'EXTERNAL' {
  if (kind !== 'LIVE') return kind ?? 'PAPER';
  throw new InvalidInput('kind', 'An account at a broker is opened by connecting the broker.');
}

builder.mutationFields((t) => ({
  createAccount: t.fieldWithInput({
    type: Account,
    description:
      'Opens an account with its starting cash: on paper, or of kind EXTERNAL for what is traded ' +
      'elsewhere and reported with `recordTrade`.',
    errors: { types: [AccountLimit, IdempotencyConflict], ...result('The account was opened.') },
    typeOptions: {
      description:
        'What the account is like. Example: `{ name: "Ideas", startingCash: "100000", idempotencyKey: "…" }`.',
    },
    argOptions: { description: 'What the account is like.' },
    input: {
      name: t.input.string({ description: 'As you call it: one line of up to 100 characters.' }),
      kind: t.input.field({
        type: AccountKindEnum,
        required: false,
        description: 'PAPER (if left out) or EXTERNAL.',
      }),
      currency: t.input.string({
        required: false,
        description: 'USD (if left out), EUR, CNY or USDT. It trades instruments of this alone.',
      }),
      startingCash: t.input.field({
        type: 'Decimal',
        description: 'From 0 to 1,000,000,000, in whole minor units.',
      }),
      zone: t.input.string({
        required: false,
        description: 'IANA zone of its trading days; `America/Chicago` if left out.',
      }),
      fills: t.input.field({
        type: FillSettingsInput,
        required: false,
        description: 'How its orders are filled, on paper.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { kind, currency, zone, fills, ...input } }, context) =>
      context.services.ownAccounts.create(context.viewer, {
        ...{ ...input, kind: kindOf(kind), currency: currency ?? 'USD' },
        ...given({ zone }),
        ...optionalFills(fills),
      }),
  }),
}));

builder.mutationFields((t) => {
  const accountId = () => t.input.globalID({ for: Account, description: 'Id of the account.' });
  const idempotencyKey = () => t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText });
  return {
    updateAccount: t.fieldWithInput({
      type: Account,
      description: 'Changes the name of an account, and how it trades on paper.',
      errors: {
        types: [AccountClosed, IdempotencyConflict],
        ...result('The account was changed.'),
      },
      typeOptions: { description: 'What changes.' },
      argOptions: { description: 'What changes.' },
      input: {
        accountId: accountId(),
        name: t.input.string({ required: false, description: 'What you call it from now on.' }),
        fills: t.input.field({
          type: FillSettingsInput,
          required: false,
          description: 'How its orders are filled from now on, on paper.',
        }),
        idempotencyKey: idempotencyKey(),
      },
      resolve: (_root, { input: { accountId: id, name, fills, ...input } }, context) =>
        context.services.ownAccounts.update(context.viewer, {
          ...{ ...input, accountId: id.id, ...given({ name }), ...optionalFills(fills) },
        }),
    }),
    closeAccount: t.fieldWithInput({
      type: Account,
      description:
        'Closes an account in which nothing is open, for good. It is kept for the record, with what ' +
        'cash is in it.',
      errors: {
        types: [AccountClosed, AccountNotEmpty, AccountOfModel, IdempotencyConflict],
        ...result('The account was closed.'),
      },
      typeOptions: { description: 'Which account is closed.' },
      argOptions: { description: 'Which account is closed.' },
      input: { accountId: accountId(), idempotencyKey: idempotencyKey() },
      resolve: (_root, { input: { accountId: id, ...input } }, { viewer, services }) =>
        services.ownAccounts.close(viewer, { ...input, accountId: id.id }),
    }),
  };
});
