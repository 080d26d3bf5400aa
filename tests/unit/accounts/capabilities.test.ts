import { describe, expect, test } from 'vitest';
import {
  may,
  requireCapability,
  roleMay,
  type Capability,
} from '../../../src/services/accounts/capabilities.ts';
import { judgeChange, type UserChange } from '../../../src/services/accounts/user-changes.ts';
import { DomainError, Forbidden, Unauthenticated } from '../../../src/services/platform/errors.ts';
import { UserRole, type UserStatus } from '../../../src/services/platform/prisma/enums.ts';
import { anonymousViewer, userViewer } from '../../../src/services/platform/viewer.ts';

const ROLES = ['VIEWER', 'USER', 'PREMIUM', 'ADMIN', 'SUPER_ADMIN'] as const;
/** Written from the issue: a line for each capability, a column for each role. */
const TABLE = `
  TRADE                  no   yes  yes  yes  yes
  RUN_MODELS             no   yes  yes  yes  yes
  KEEP_SECRETS           no   yes  yes  yes  yes
  READ_EVERYONE          no   no   no   yes  yes
  MANAGE_USERS           no   no   no   yes  yes
  MANAGE_ACCESS          no   no   no   yes  yes
  MANAGE_ADMINISTRATORS  no   no   no   no   yes
  MANAGE_SETTINGS        no   no   no   yes  yes
  HALT_TRADING           no   no   no   yes  yes
  LIMIT_RISKS            no   no   no   yes  yes`;
const lines = TABLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/));

describe('a role', () => {
  test.each(lines)('%s', (capability, ...columns) => {
    const given = ROLES.map((role) => (roleMay(role, capability as Capability) ? 'yes' : 'no'));
    expect(given).toEqual(columns);
  });

  test('is one of those', () => {
    expect(Object.values(UserRole)).toEqual(ROLES);
  });

  test('is needed: nobody may do anything', () => {
    for (const [capability] of lines) {
      expect(may(anonymousViewer(), capability as Capability)).toBe(false);
    }
    expect(() => requireCapability(anonymousViewer(), 'TRADE')).toThrow(Unauthenticated);
    const viewer = userViewer({ userId: 'v', role: 'VIEWER' });
    expect(() => requireCapability(viewer, 'TRADE')).toThrow(Forbidden);
    const user = userViewer({ userId: 'u', role: 'USER' });
    expect(requireCapability(user, 'TRADE')).toBe(user);
  });
});

const person = (role: UserRole, status: UserStatus = 'ACTIVE', id = `${role} ${status}`) => ({
  id,
  role,
  status,
});
const outcomeOf = (...given: Parameters<typeof judgeChange>): string => {
  const judged = judgeChange(...given);
  return judged instanceof DomainError ? judged.code : `${judged.role} ${judged.status}`;
};

describe('the life of an account', () => {
  const admin = person('ADMIN', 'ACTIVE', 'actor');
  // What each step makes of a USER who stands there.
  test.each([
    ['APPROVE', 'ACTIVE', 'USER_STATE_CONFLICT', 'ACTIVE', 'USER_STATE_CONFLICT'],
    ['REJECT', 'REJECTED', 'USER_STATE_CONFLICT', 'USER_STATE_CONFLICT', 'USER_STATE_CONFLICT'],
    ['DISABLE', 'USER_STATE_CONFLICT', 'DISABLED', 'USER_STATE_CONFLICT', 'USER_STATE_CONFLICT'],
    ['ENABLE', 'USER_STATE_CONFLICT', 'USER_STATE_CONFLICT', 'USER_STATE_CONFLICT', 'ACTIVE'],
  ] as const)('%s', (kind, ...outcomes) => {
    const from = ['PENDING', 'ACTIVE', 'REJECTED', 'DISABLED'] as const;
    const given = from.map((status) => outcomeOf(admin, person('USER', status), { kind }));
    expect(given).toEqual(
      outcomes.map((outcome) => (outcome.endsWith('CONFLICT') ? outcome : `USER ${outcome}`)),
    );
  });
});

describe('a change', () => {
  const changes: UserChange[] = [{ kind: 'DISABLE' }, { kind: 'SET_ROLE', role: 'PREMIUM' }];

  test('is forbidden to those who are no administrators, or not active', () => {
    const others = [
      ...(['VIEWER', 'USER', 'PREMIUM'] as const).map((role) => person(role, 'ACTIVE', 'actor')),
      ...(['PENDING', 'REJECTED', 'DISABLED'] as const).map((status) =>
        person('SUPER_ADMIN', status, 'actor'),
      ),
    ];
    for (const change of changes) {
      const given = others.map((actor) => outcomeOf(actor, person('USER'), change));
      expect(new Set(given)).toEqual(new Set(['FORBIDDEN']));
    }
  });

  test('is never of oneself', () => {
    for (const change of changes) {
      for (const self of [person('ADMIN'), person('SUPER_ADMIN')]) {
        expect(outcomeOf(self, self, change)).toBe('OWN_ACCOUNT');
      }
    }
  });

  test('of administrators, or into one, takes a SUPER_ADMIN', () => {
    const admin = person('ADMIN', 'ACTIVE', 'actor');
    const superAdmin = person('SUPER_ADMIN', 'ACTIVE', 'actor');
    const cases: [UserRole, UserChange, string][] = [
      ['ADMIN', { kind: 'DISABLE' }, 'ADMIN DISABLED'],
      ['SUPER_ADMIN', { kind: 'DISABLE' }, 'SUPER_ADMIN DISABLED'],
      ['ADMIN', { kind: 'SET_ROLE', role: 'USER' }, 'USER ACTIVE'],
      ['USER', { kind: 'SET_ROLE', role: 'ADMIN' }, 'ADMIN ACTIVE'],
      ['USER', { kind: 'SET_ROLE', role: 'SUPER_ADMIN' }, 'SUPER_ADMIN ACTIVE'],
    ];
    for (const [role, change, outcome] of cases) {
      expect(outcomeOf(admin, person(role), change)).toBe('FORBIDDEN');
      expect(outcomeOf(superAdmin, person(role), change)).toBe(outcome);
    }
    const premium: UserChange = { kind: 'SET_ROLE', role: 'PREMIUM' };
    expect(outcomeOf(admin, person('USER', 'PENDING'), premium)).toBe('PREMIUM PENDING');
  });
});
