import { describe, expect, test } from 'vitest';
import {
  may,
  requireScope,
  requireSession,
  roleOfKey,
} from '../../../src/services/accounts/capabilities.ts';
import { Forbidden, Unauthenticated } from '../../../src/services/platform/errors.ts';
import { ApiKeyScope, type UserRole } from '../../../src/services/platform/prisma/enums.ts';
import { anonymousViewer, userViewer } from '../../../src/services/platform/viewer.ts';

const userId = '0190a000-0000-7000-8000-000000000001';
const botOf = (role: UserRole, ...scopes: ApiKeyScope[]) =>
  userViewer(
    { userId, role },
    { apiKey: { id: userId, environment: 'LIVE', scopes, requestsPerMinute: null } },
  );
const SCOPES = Object.values(ApiKeyScope);

/** The scope that a key needs for a capability, beside a role that has it: SUPER_ADMIN has all. */
const WANTED = [
  ['TRADE', 'TRADE'],
  ['RUN_MODELS', 'AGENT'],
  ['READ_EVERYONE', 'ADMIN'],
  ['MANAGE_USERS', 'ADMIN'],
  ['MANAGE_ADMINISTRATORS', 'ADMIN'],
  ['HALT_TRADING', 'ADMIN'],
] as const;

describe('a key', () => {
  test.each(WANTED)('is good for %s with the scope %s and no other', (capability, scope) => {
    const others = SCOPES.filter((other) => other !== scope);
    expect(may(botOf('SUPER_ADMIN', scope), capability)).toBe(true);
    expect(may(botOf('SUPER_ADMIN', ...others), capability)).toBe(false);
    expect(may(userViewer({ userId, role: 'SUPER_ADMIN' }), capability)).toBe(true);
  });

  test('with all scopes does no more than its owner may', () => {
    expect(may(botOf('VIEWER', ...SCOPES), 'TRADE')).toBe(false);
    expect(may(botOf('PREMIUM', ...SCOPES), 'READ_EVERYONE')).toBe(false);
    expect(may(botOf('ADMIN', ...SCOPES), 'MANAGE_ADMINISTRATORS')).toBe(false);
  });

  test('is never there in person', () => {
    const inPerson = ['KEEP_SECRETS', 'MANAGE_ACCESS', 'MANAGE_SETTINGS', 'LIMIT_RISKS'] as const;
    for (const capability of inPerson) {
      expect(may(botOf('SUPER_ADMIN', ...SCOPES), capability)).toBe(false);
      expect(may(userViewer({ userId, role: 'SUPER_ADMIN' }), capability)).toBe(true);
    }
    expect(() => requireSession(botOf('SUPER_ADMIN', ...SCOPES))).toThrow(Forbidden);
    expect(() => requireSession(anonymousViewer())).toThrow(Unauthenticated);
    const person = userViewer({ userId, role: 'USER' });
    expect(requireSession(person)).toBe(person);
  });

  test('is asked for its scope, and a person is not', () => {
    expect(() => requireScope(botOf('USER', 'READ', 'TRADE'), 'AGENT')).toThrow(Forbidden);
    expect(() => requireScope(anonymousViewer(), 'AGENT')).toThrow(Unauthenticated);
    const bot = botOf('USER', 'AGENT');
    const person = userViewer({ userId, role: 'VIEWER' });
    expect([requireScope(bot, 'AGENT'), requireScope(person, 'AGENT')]).toEqual([bot, person]);
  });

  test.each([
    ['VIEWER', 'VIEWER', 'VIEWER'],
    ['USER', 'USER', 'USER'],
    ['PREMIUM', 'PREMIUM', 'PREMIUM'],
    ['ADMIN', 'PREMIUM', 'ADMIN'],
    ['SUPER_ADMIN', 'PREMIUM', 'SUPER_ADMIN'],
  ] as const)('of a %s acts as %s, and with ADMIN as %s', (role, without, withAdmin) => {
    expect(roleOfKey(role, ['READ', 'TRADE', 'AGENT'])).toBe(without);
    expect(roleOfKey(role, ['ADMIN'])).toBe(withAdmin);
  });
});
