import { builder } from '../../schema/builder.ts';
import { User, UserRoleEnum } from '../../schema/accounts/user.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { EmailInUse, OwnAccount, UserStateConflict } from '../../services/accounts/errors.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';

const result = (done: string) => ({
  result: { description: done },
  union: { description: `${done} Or why it was not.` },
  dataField: { name: 'user', description: 'The person as they are now.' },
});

builder.mutationFields((t) => {
  const step = (
    kind: 'APPROVE' | 'REJECT' | 'DISABLE' | 'ENABLE',
    { description, who, done }: { description: string; who: string; done: string },
  ) =>
    t.fieldWithInput({
      type: User,
      description,
      errors: {
        types: [
          ...[OwnAccount, UserStateConflict, IdempotencyConflict],
          ...(kind === 'APPROVE' ? [EmailInUse] : []),
        ],
        ...result(done),
      },
      typeOptions: { description: who },
      argOptions: { description: who },
      input: {
        userId: t.input.globalID({ for: User, description: 'Id of the person.' }),
        idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
      },
      resolve: (_root, { input: { userId, idempotencyKey } }, { viewer, services }) =>
        services.userAdministration.change(viewer, {
          ...{ userId: userId.id, idempotencyKey },
          change: { kind },
        }),
    });
  return {
    approveUser: step('APPROVE', {
      description: 'Lets a person in who waits, or was rejected. For administrators.',
      who: 'Who is approved.',
      done: 'The person may log in.',
    }),
    rejectUser: step('REJECT', {
      description: 'Turns a person away who waits. For administrators.',
      who: 'Who is rejected.',
      done: 'The person was turned away.',
    }),
    disableUser: step('DISABLE', {
      description:
        'Shuts a person out: their sessions and streams end at once. Nobody disables themselves, and ' +
        'a SUPER_ADMIN alone disables administrators.',
      who: 'Who is disabled.',
      done: 'The person was shut out.',
    }),
    enableUser: step('ENABLE', {
      description: 'Lets a person in again who was disabled. For administrators.',
      who: 'Who is enabled.',
      done: 'The person may log in again.',
    }),
  };
});

builder.mutationField('setUserRole', (t) =>
  t.fieldWithInput({
    type: User,
    description:
      'Gives a person another role: their access tokens are void, and a refresh gives them ones with ' +
      'the new role. A SUPER_ADMIN alone makes and unmakes administrators; nobody changes themselves.',
    errors: {
      types: [OwnAccount, UserStateConflict, IdempotencyConflict],
      ...result('The person has the role.'),
    },
    typeOptions: { description: 'Who gets which role.' },
    argOptions: { description: 'Who gets which role.' },
    input: {
      userId: t.input.globalID({ for: User, description: 'Id of the person.' }),
      role: t.input.field({ type: UserRoleEnum, description: 'What they may do from now on.' }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { userId, role, idempotencyKey } }, { viewer, services }) =>
      services.userAdministration.change(viewer, {
        ...{ userId: userId.id, idempotencyKey },
        change: { kind: 'SET_ROLE', role },
      }),
  }),
);
