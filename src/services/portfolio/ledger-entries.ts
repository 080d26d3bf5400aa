import type { Decimal } from '../platform/money.ts';
import type { TransferCause } from '../platform/prisma/enums.ts';

/** One movement of an account's cash, as the view `account_ledger` shows it. */
export interface LedgerEntryRow {
  /** Of the transfer, which has one entry for an account. */
  readonly id: string;
  readonly accountId: string;
  readonly ownerId: string;
  readonly cause: TransferCause;
  /** Of the trade or command behind it. */
  readonly causeId: string;
  readonly currency: string;
  readonly amount: Decimal;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
}

export const LEDGER_ENTRY_FIELDS = [
  'id',
  'accountId',
  'ownerId',
  'cause',
  'causeId',
  'currency',
  'amount',
  'occurredAt',
  'recordedAt',
] as const satisfies readonly (keyof LedgerEntryRow)[];
