import { builder } from '../../schema/builder.ts';
import { AccountTypeEnum, KycStatusEnum, User, UserRoleEnum } from '../../schema/accounts/user.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import {
  ConfirmationMismatch,
  EmailTaken,
  OwnAccount,
  UsernameTaken,
  UserStateConflict,
  WeakPassword,
} from '../../services/accounts/errors.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { given } from '../given.ts';

const result = (done: string) => ({
  result: { description: done },
  union: { description: `${done} Or why not.` },
  dataField: { name: 'user', description: 'The person as they are now.' },
});
const described = (description: string) => ({
  typeOptions: { description },
  argOptions: { description },
});

builder.mutationField('createUser', (t) =>
  t.fieldWithInput({
    type: User,
    description:
      'Makes a person who may log in at once. No password is ever answered: give one, or the person ' +
      'gets a mail to choose it. A SUPER_ADMIN alone makes administrators.',
    errors: {
      types: [UsernameTaken, EmailTaken, WeakPassword, IdempotencyConflict],
      ...result('The person may log in.'),
    },
    ...described('Who is made.'),
    input: {
      username: t.input.string({ description: '3 to 32 letters, digits or underscores.' }),
      email: t.input.string({ description: 'Where mail goes to.' }),
      role: t.input.field({ type: UserRoleEnum, description: 'What the person may do.' }),
      password: t.input.string({
        required: false,
        description:
          'At least 12 characters. Left out, a mail lets the person choose one. The idempotency key is ' +
          'not bound to it.',
      }),
      fullName: t.input.string({ required: false, description: 'At most 200 characters.' }),
      accountType: t.input.field({
        type: AccountTypeEnum,
        required: false,
        description: 'In whose name they trade. INDIVIDUAL, when it is left out.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { username, email, role, idempotencyKey, ...others } }, context) =>
      context.services.userCreation.create(context.viewer, {
        ...{ username, email, role, idempotencyKey, ...given(others) },
      }),
  }),
);

builder.mutationField('updateUser', (t) =>
  t.fieldWithInput({
    type: User,
    description:
      'Writes down what administrators know of another person. What is left out stays as it is. A ' +
      'SUPER_ADMIN alone changes administrators.',
    errors: {
      types: [OwnAccount, UserStateConflict, IdempotencyConflict],
      ...result('It is written down.'),
    },
    ...described('What is known of whom.'),
    input: {
      userId: t.input.globalID({ for: User, description: 'Id of the person.' }),
      fullName: t.input.string({
        required: false,
        description: 'At most 200 characters. An empty one takes the name away.',
      }),
      accountType: t.input.field({
        type: AccountTypeEnum,
        required: false,
        description: 'In whose name they trade.',
      }),
      kycStatus: t.input.field({
        type: KycStatusEnum,
        required: false,
        description: 'What was found out about who they are.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { userId, idempotencyKey, ...others } }, { viewer, services }) =>
      services.userRecords.update(viewer, {
        ...{ userId: userId.id, idempotencyKey, ...given(others) },
      }),
  }),
);

builder.mutationField('deleteUser', (t) =>
  t.fieldWithInput({
    type: User,
    description:
      'Makes another person anonymous, for good: what they wrote, their ways in and their secrets are ' +
      'gone, their models, open orders, sessions and streams end. Ledger, orders, trades and audit ' +
      'records stay, with the bare id, and nobody else gets the name. A SUPER_ADMIN alone deletes ' +
      'administrators.',
    errors: {
      types: [OwnAccount, UserStateConflict, ConfirmationMismatch, IdempotencyConflict],
      ...result('Nothing personal is left.'),
    },
    ...described('Who is deleted.'),
    input: {
      userId: t.input.globalID({ for: User, description: 'Id of the person.' }),
      confirmUsername: t.input.string({
        description: 'The user name of the person, since this cannot be taken back.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { userId, confirmUsername, idempotencyKey } }, context) =>
      context.services.userDeletion.delete(context.viewer, {
        ...{ userId: userId.id, confirmUsername, idempotencyKey },
      }),
  }),
);
