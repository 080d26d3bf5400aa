import { describe, expect, test } from 'vitest';
import { requireSecondFactor } from '../../../src/services/accounts/second-factor.ts';
import { SecondFactorRequired } from '../../../src/services/accounts/factor-errors.ts';
import { Forbidden, Unauthenticated } from '../../../src/services/platform/errors.ts';
import { anonymousViewer, userViewer } from '../../../src/services/platform/viewer.ts';

const now = new Date('2026-01-01T12:00:00Z');
const person = { userId: '0190a000-0000-7000-8000-000000000001', role: 'SUPER_ADMIN' } as const;
const sessionId = '0190a000-0000-7000-8000-000000000002';
const shownAt = (time: string) => userViewer(person, { sessionId, secondFactorAt: new Date(time) });

describe('a second factor', () => {
  test.each(['2026-01-01T12:00:00Z', '2026-01-01T11:45:00.001Z'])(
    'that was shown at %s is good at noon',
    (time) => {
      const viewer = shownAt(time);
      expect(requireSecondFactor(viewer, now)).toBe(viewer);
    },
  );

  // 12:00 less 15 minutes is 11:45.
  test.each(['2026-01-01T11:45:00Z', '2025-01-01T12:00:00Z'])(
    'that was shown at %s has to be shown again at noon',
    (time) => {
      expect(() => requireSecondFactor(shownAt(time), now)).toThrow(SecondFactorRequired);
    },
  );

  test('is asked of whoever never showed one, whatever their role', () => {
    const viewer = userViewer(person, { sessionId });
    expect(() => requireSecondFactor(viewer, now)).toThrow(SecondFactorRequired);
  });

  test('is of a session: without one it counts for nothing', () => {
    const viewer = userViewer(person, { secondFactorAt: now });
    expect(() => requireSecondFactor(viewer, now)).toThrow(SecondFactorRequired);
  });

  test('cannot be shown by an API key', () => {
    const apiKey = {
      id: sessionId,
      environment: 'LIVE',
      scopes: ['ADMIN'],
      requestsPerMinute: null,
    } as const;
    const viewer = userViewer(person, { sessionId, secondFactorAt: now, apiKey });
    expect(() => requireSecondFactor(viewer, now)).toThrow(Forbidden);
  });

  test('cannot be shown by nobody', () => {
    expect(() => requireSecondFactor(anonymousViewer(), now)).toThrow(Unauthenticated);
  });
});
