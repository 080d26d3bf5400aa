import { User } from '../../schema/accounts/user.ts';
import { builder } from '../../schema/builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { Account } from '../../schema/portfolio/account.ts';
import {
  KillSwitch,
  RiskLimitChangeInput,
  RiskLimits,
  RiskScopeEnum,
} from '../../schema/trading/risk.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { HaltedByAdministrator } from '../../services/trading/risk/errors.ts';
import { given } from '../given.ts';

type MutationFields = Parameters<Parameters<typeof builder.mutationFields>[0]>[0];

/** For whom it is set. */
const targetOf = (t: MutationFields) =>
  ({
    scope: t.input.field({ type: RiskScopeEnum, description: 'For whom it is to hold.' }),
    accountId: t.input.globalID({
      for: Account,
      required: false,
      description: 'Of ACCOUNT, which needs it; others have none.',
    }),
    userId: t.input.globalID({
      for: User,
      required: false,
      description: 'Of USER: you when it is left out; others are for administrators.',
    }),
  }) as const;

interface GivenTarget {
  readonly accountId?: { readonly id: string } | null | undefined;
  readonly userId?: { readonly id: string } | null | undefined;
}

const idsOf = ({ accountId, userId }: GivenTarget) =>
  given({ accountId: accountId?.id, userId: userId?.id });

builder.mutationFields((t) => ({
  setRiskLimits: t.fieldWithInput({
    type: RiskLimits,
    description:
      'Sets limits that orders are held to from now on: of your account, of all of your accounts, or, for ' +
      'administrators, of others and of everybody. The owner and administrators have limits of their own, ' +
      'and the strictest decides. Open orders stay.',
    errors: {
      types: [IdempotencyConflict],
      result: { description: 'They are set.' },
      union: { description: 'They are set, or why they are not.' },
      dataField: { name: 'riskLimits', description: 'All limits of that scope and kind now.' },
    },
    typeOptions: { description: 'What is to be set.' },
    argOptions: { description: 'What is to be set.' },
    input: {
      ...targetOf(t),
      limits: t.input.field({
        type: RiskLimitChangeInput,
        description: 'Limits that change. Null takes one away; what is left out stays as it is.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { scope, limits, idempotencyKey, ...target } }, context) =>
      context.services.riskLimitSettings.set(context.viewer, {
        ...{ scope, idempotencyKey, ...idsOf(target) },
        // A null takes a limit away, and is not the same as an argument that is left out.
        limits: Object.fromEntries(
          Object.entries(limits).filter(([, value]) => value !== undefined),
        ),
      }),
  }),
}));

builder.mutationFields((t) => ({
  setKillSwitch: t.fieldWithInput({
    type: KillSwitch,
    description:
      'Halts trading, or lets it go on: of your account, of all of your accounts, or, for administrators, ' +
      'of others and of everybody. The owner and administrators have a switch each. While one is on every ' +
      'new order is refused, and open ones are canceled within a second. An API key can turn it on, and ' +
      'not off.',
    errors: {
      types: [HaltedByAdministrator, IdempotencyConflict],
      result: { description: 'It is turned.' },
      union: { description: 'It is turned, or why it is not.' },
      dataField: { name: 'killSwitch', description: 'The switch as it is now.' },
    },
    typeOptions: { description: 'Which switch, and where to.' },
    argOptions: { description: 'Which switch, and where to.' },
    input: {
      ...targetOf(t),
      isOn: t.input.boolean({ description: 'True to halt trading, false to let it go on.' }),
      reason: t.input.string({
        required: false,
        description: 'Why; told with each order that is refused. At most 200 characters.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { scope, isOn, reason, idempotencyKey, ...target } }, context) =>
      context.services.killSwitches.set(context.viewer, {
        ...{ scope, isOn, idempotencyKey, ...idsOf(target) },
        ...given({ reason }),
      }),
  }),
}));
