import { describe, expect, test } from 'vitest';
import { OwnAccount, UserStateConflict } from '../../../src/services/accounts/errors.ts';
import {
  judgeActor,
  judgeChange,
  judgeUpdate,
  type UserState,
} from '../../../src/services/accounts/user-changes.ts';
import { Forbidden } from '../../../src/services/platform/errors.ts';
import { UserRole, UserStatus } from '../../../src/services/platform/prisma/enums.ts';

const ROLES = Object.values(UserRole);
const STATUSES = Object.values(UserStatus);
const KINDS = ['APPROVE', 'REJECT', 'DISABLE', 'ENABLE', 'DELETE'] as const;
const state = (id: string, role: UserRole, status: UserStatus = 'ACTIVE'): UserState => ({
  ...{ id, role, status },
});
const root = state('root', 'SUPER_ADMIN');

/** From where each step leads where; a step that is not here is refused. */
const LIFE = `
          PENDING  ACTIVE   REJECTED DISABLED DELETED
APPROVE   ACTIVE   -        ACTIVE   -        -
REJECT    REJECTED -        -        -        -
DISABLE   -        DISABLED -        -        -
ENABLE    -        -        -        ACTIVE   -
DELETE    DELETED  DELETED  DELETED  DELETED  -
`;
const [header = [], ...rows] = LIFE.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const lines = rows.flatMap(([kind = '', ...targets]) =>
  targets.map((to, index) => [kind, header[index] ?? '', to] as const),
);

describe('the life of an account', () => {
  test('has a line for each step and status', () => {
    expect(lines).toHaveLength(KINDS.length * STATUSES.length);
  });

  test.each(lines)('%s of one who is %s: %s', (name, status, to) => {
    const kind = KINDS.find((known) => known === name) ?? 'DELETE';
    const from = STATUSES.find((known) => known === status) ?? 'DELETED';
    const next = judgeChange(root, state('user', 'USER', from), { kind });
    if (to === '-') expect(next).toEqual(new UserStateConflict(from));
    else expect(next).toEqual({ role: 'USER', status: to });
  });

  test('ends for good: nobody who is deleted gets a role, or is written of', () => {
    const gone = state('user', 'USER', 'DELETED');
    const change = { kind: 'SET_ROLE', role: 'USER' } as const;
    expect(judgeChange(root, gone, change)).toBeInstanceOf(UserStateConflict);
    expect(judgeUpdate(root, gone)).toBeInstanceOf(UserStateConflict);
  });
});

describe('who may act', () => {
  test.each(ROLES.flatMap((actor) => ROLES.map((role) => [actor, role] as const)))(
    '%s on a %s',
    (actorRole, role) => {
      const isOfAdministrators = role === 'ADMIN' || role === 'SUPER_ADMIN';
      const isAllowed =
        actorRole === 'SUPER_ADMIN' || (actorRole === 'ADMIN' && !isOfAdministrators);
      const refusal = judgeActor(state('actor', actorRole), 'other', [role]);
      if (isAllowed) expect(refusal).toBeNull();
      else expect(refusal).toBeInstanceOf(Forbidden);
    },
  );

  test.each(STATUSES.filter((status) => status !== 'ACTIVE'))(
    'is nobody who is %s any more',
    (status) => {
      expect(judgeActor(state('actor', 'SUPER_ADMIN', status), 'other', ['USER'])).toBeInstanceOf(
        Forbidden,
      );
    },
  );

  test.each(['ADMIN', 'SUPER_ADMIN'] as const)('a %s does not act on themselves', (role) => {
    const self = state('self', role);
    for (const kind of KINDS) expect(judgeChange(self, self, { kind })).toBeInstanceOf(OwnAccount);
    expect(judgeUpdate(self, self)).toBeInstanceOf(OwnAccount);
  });
});
