import type { Condition } from './list-conditions.ts';
import { requireUser, type Viewer } from './viewer.ts';

/**
 * The filter that every list of somebody's own things carries, after the caller's selection, so that
 * a caller can narrow rows and never widen them. Throws Unauthenticated when nobody is logged in.
 */
export function ownedBy(viewer: Viewer): { ownerId: string } {
  return { ownerId: requireUser(viewer).userId };
}

/** Whether the viewer came with a key for tests, which reaches paper accounts alone. */
export function isOnPaper({ apiKey }: Viewer): boolean {
  return apiKey?.environment === 'TEST';
}

/** The same for lists of accounts: those that the viewer reaches. */
export function accountsOf(viewer: Viewer): { ownerId: string; kind?: 'PAPER' } {
  return { ...ownedBy(viewer), ...(isOnPaper(viewer) && { kind: 'PAPER' }) };
}

/** The same for lists of what belongs to an account: orders, trades, positions. */
export function inAccountsOf(viewer: Viewer): { ownerId: string; account?: { kind: 'PAPER' } } {
  return { ...ownedBy(viewer), ...(isOnPaper(viewer) && { account: { kind: 'PAPER' } }) };
}

/** {@link accountsOf} for statements past Prisma. */
export function accountsAreOf(viewer: Viewer): readonly Condition[] {
  return [
    { field: 'ownerId', is: ownedBy(viewer).ownerId },
    ...(isOnPaper(viewer) ? [{ field: 'kind', isText: 'PAPER' }] : []),
  ];
}

/** {@link inAccountsOf} for statements past Prisma. */
export function ofAccountsOf(viewer: Viewer): readonly Condition[] {
  return [
    { field: 'ownerId', is: ownedBy(viewer).ownerId },
    ...(isOnPaper(viewer) ? [{ field: 'accountId', isOnPaper: true } as const] : []),
  ];
}
