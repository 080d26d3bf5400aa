import { z } from 'zod';
import type { Database, Tx } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { accountsOf } from '../platform/owner-filter.ts';
import type { Account } from '../platform/prisma/client.ts';
import type { AccountKind } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';
import { AccountClosed, AccountKindMismatch, AccountOfModel } from './errors.ts';
import { lockAccount } from './locks.ts';

const uuid = z.uuid();

/**
 * An account of the viewer's, read with the viewer's own rights, so that row-level security stands
 * behind whatever the worker's role then writes for it. Throws NotFound for any other. It ends the
 * viewer's snapshot: what is read after the write must not be from before it.
 */
export async function findOwnAccount(
  db: Database,
  viewer: Viewer,
  accountId: string,
): Promise<Account> {
  const where = accountsOf(viewer);
  if (!uuid.safeParse(accountId).success) throw new NotFound('Account');
  const account = await db.withViewer(viewer, (tx) =>
    tx.account.findFirst({ where: { AND: [{ id: accountId }, where] } }),
  );
  if (!account) throw new NotFound('Account');
  return account;
}

/** The same account as it is now, locked. */
export async function lockOwnAccount(tx: Tx, { id, ownerId }: Account): Promise<Account> {
  const account = await lockAccount(tx, id);
  if (account?.ownerId !== ownerId) throw new NotFound('Account');
  return account;
}

/**
 * Refuses what is not for this account: of another kind, of a model, or closed. `what` names it in
 * words, such as "Deposits".
 */
export function assertFitFor(
  { kind, modelId, status }: Account,
  { kinds, what }: { readonly kinds: readonly AccountKind[]; readonly what: string },
): void {
  if (!kinds.includes(kind)) {
    throw new AccountKindMismatch(kind, `${what} are for accounts that are ${kinds.join(' or ')}.`);
  }
  if (modelId !== null) throw new AccountOfModel();
  if (status !== 'ACTIVE') throw new AccountClosed();
}
