import { describe, expect, test } from 'vitest';
import {
  judgeRefresh,
  type RefreshTokenState,
} from '../../../src/services/accounts/refresh-verdict.ts';

const NOON = new Date('2026-01-01T12:00:00Z');
const beforeNoon = (seconds: number) => new Date(NOON.getTime() - seconds * 1_000);
const later = beforeNoon(-1);
const next = new Uint8Array([1]);
const unused: RefreshTokenState = {
  expiresAt: later,
  usedAt: null,
  sealedNext: null,
  sessionExpiresAt: later,
  revokedAt: null,
  status: 'ACTIVE',
};
const usedAgo = (seconds: number, sealedNext: Uint8Array | null = next) => ({
  usedAt: beforeNoon(seconds),
  sealedNext,
});

describe('a refresh token', () => {
  test.each([
    ['comes for the first time', {}, 'ROTATE'],
    ['was used in the same moment', usedAgo(0), 'REPEAT'],
    ['was used ten seconds ago', usedAgo(10), 'REPEAT'],
    ['was used eleven seconds ago', usedAgo(11), 'REUSED'],
    ['was used a moment ago, and so was the next', usedAgo(1, null), 'REUSED'],
    ['ran out now', { expiresAt: NOON }, 'REFUSED'],
    ['ran out, and was used before', { expiresAt: NOON, ...usedAgo(11) }, 'REFUSED'],
    ['is of a session that ran out', { sessionExpiresAt: NOON }, 'REFUSED'],
    ['is of a session that was ended', { revokedAt: beforeNoon(1) }, 'REFUSED'],
    ['was used a moment ago in such a one', { revokedAt: NOON, ...usedAgo(1) }, 'REFUSED'],
    ['is of a person who waits', { status: 'PENDING' }, 'REFUSED'],
    ['is of a person who was rejected', { status: 'REJECTED' }, 'REFUSED'],
    ['is of a person who is disabled', { status: 'DISABLED' }, 'REFUSED'],
  ] as const)('that %s', (_what, changed, verdict) => {
    expect(judgeRefresh({ ...unused, ...changed }, NOON)).toBe(verdict);
  });
});
