import { Prisma } from '../platform/prisma/client.ts';
import { toText, ZERO, type Decimal } from '../platform/money.ts';
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import type { Tx } from '../platform/database.ts';
import type { LedgerAccountKind, TransferCause } from '../platform/prisma/enums.ts';

/** One side of a transfer. Money into a user's account is positive. */
export type LedgerLine =
  | { readonly ledgerAccount: 'CASH'; readonly accountId: string; readonly amount: Decimal }
  | { readonly ledgerAccount: Exclude<LedgerAccountKind, 'CASH'>; readonly amount: Decimal };

export interface NewTransfer {
  readonly ownerId: string;
  readonly cause: TransferCause;
  /** Id of the trade or command behind it; a cause is booked once. */
  readonly causeId: string;
  readonly currency: string;
  readonly occurredAt: Date;
  readonly lines: readonly LedgerLine[];
}

export interface Ledger {
  /**
   * Books transfers through the database's posting function, which locks the accounts in the order of
   * their ids, changes their cash and refuses what does not sum to zero. Lines of zero are left out; a
   * transfer of nothing but zeros books nothing. Several transfers take one statement.
   */
  post(tx: Tx, ...transfers: readonly NewTransfer[]): Promise<void>;
}

export function createLedger({ clock, ids }: { clock: Clock; ids: Ids }): Ledger {
  return {
    async post(tx, ...transfers) {
      const calls = transfers.flatMap((transfer) => {
        const entries = entriesOf(transfer);
        if (entries.length === 0) return [];
        const { ownerId, cause, causeId, currency, occurredAt } = transfer;
        return Prisma.sql`post_transfer(${ids.next()}::uuid, ${ownerId}::uuid,
          ${cause}::transfer_cause, ${causeId}::uuid, ${currency}, ${occurredAt}, ${clock.now()},
          ${JSON.stringify(entries)}::jsonb)`;
      });
      if (calls.length === 0) return;
      await tx.$executeRaw`SELECT ${Prisma.join(calls)}`;
    },
  };
}

function entriesOf({ lines }: NewTransfer) {
  return lines
    .filter(({ amount }) => !amount.equals(ZERO))
    .map((line) => ({
      ledgerAccount: line.ledgerAccount,
      accountId: line.ledgerAccount === 'CASH' ? line.accountId : null,
      amount: toText(line.amount),
    }));
}
