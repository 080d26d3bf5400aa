import { toText, ZERO, type Decimal } from '../platform/money.ts';
import { runOf, type Query } from '../platform/query.ts';
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import type { Tx } from '../platform/database.ts';
import type { Account, Trade } from '../platform/prisma/client.ts';
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
  /** The statement that books what a trade moves: FILL and FEE, each unless it is zero. */
  postingsOf(trade: Trade, account: Pick<Account, 'currency'>): Query;
}

const POST_FILL = `SELECT post_fill($1::uuid, $2::uuid, $3, $4::uuid, $5::uuid, $6::numeric,
  $7::uuid, $8::numeric, $9, $10)`;

const POST = `post_transfer($1::uuid, $2::uuid, $3::transfer_cause, $4::uuid, $5, $6, $7, $8::jsonb)`;
const ARGUMENTS = 8;

export function createLedger({ clock, ids }: { clock: Clock; ids: Ids }): Ledger {
  const postings = (transfers: readonly NewTransfer[]): readonly Query[] => {
    const calls = transfers.flatMap((transfer) => {
      const entries = entriesOf(transfer);
      if (entries.length === 0) return [];
      const { ownerId, cause, causeId, currency, occurredAt } = transfer;
      const given = [ids.next(), ownerId, cause, causeId, currency, occurredAt, clock.now()];
      return [[...given, JSON.stringify(entries)]];
    });
    return calls.length === 0 ? [] : [{ text: textOf(calls.length), values: calls.flat() }];
  };
  return {
    postingsOf: (trade, { currency }) => {
      const { ownerId, accountId, id, cashAmount, fee, executedAt } = trade;
      const moved = [ids.next(), toText(cashAmount), ids.next(), toText(fee)];
      const values = [ownerId, accountId, currency, id, ...moved, executedAt, clock.now()];
      return { text: POST_FILL, values };
    },
    async post(tx, ...transfers) {
      for (const query of postings(transfers)) await runOf(tx, query);
    },
  };
}

const texts = new Map<number, string>();

/** So many calls in one statement. */
function textOf(calls: number): string {
  const known = texts.get(calls);
  if (known !== undefined) return known;
  const each = Array.from({ length: calls }, (_call, call) =>
    POST.replaceAll(/\$(\d+)/g, (_found, n: string) => `$${String(+n + call * ARGUMENTS)}`),
  );
  const text = `SELECT ${each.join(', ')}`;
  texts.set(calls, text);
  return text;
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
