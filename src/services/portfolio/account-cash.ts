import { requireCapability } from '../accounts/capabilities.ts';
import type { Audit, AuditAction } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Ids } from '../platform/ids.ts';
import { Decimal, toText } from '../platform/money.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { Account } from '../platform/prisma/client.ts';
import { systemViewer, type Viewer } from '../platform/viewer.ts';
import { inMinorUnits, parseAmount } from './account-settings.ts';
import { WithdrawalTooLarge } from './errors.ts';
import { balanceChanged, buyingPowerOf } from './events.ts';
import type { Ledger } from './ledger.ts';
import { assertFitFor, findOwnAccount, lockOwnAccount } from './own-account.ts';

export interface MoveCash {
  readonly accountId: string;
  /** Positive, in whole minor units of the account's currency. */
  readonly amount: Decimal;
  readonly idempotencyKey: string;
}

/**
 * Money that a person moves by hand, in accounts on paper and in those that are traded elsewhere.
 * Each once for its key, with a row in the audit log and the event BalanceChanged. Throws NotFound
 * for an account that is not the viewer's, AccountKindMismatch, AccountOfModel, AccountClosed and
 * InvalidInput.
 */
export interface AccountCash {
  deposit(viewer: Viewer, command: MoveCash): Promise<Account>;
  /** Up to the buying power; more throws WithdrawalTooLarge. */
  withdraw(viewer: Viewer, command: MoveCash): Promise<Account>;
}

export interface AccountCashPorts {
  readonly db: Database;
  readonly workerDb: Database;
  readonly ledger: Ledger;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly ids: Ids;
}

interface Movement {
  readonly operation: 'depositFunds' | 'withdrawFunds';
  readonly cause: 'DEPOSIT' | 'WITHDRAWAL';
  readonly action: AuditAction;
  readonly what: string;
}

const DEPOSIT: Movement = {
  operation: 'depositFunds',
  cause: 'DEPOSIT',
  action: 'account.deposited',
  what: 'Deposits',
};
const WITHDRAWAL: Movement = {
  operation: 'withdrawFunds',
  cause: 'WITHDRAWAL',
  action: 'account.withdrawn',
  what: 'Withdrawals',
};

export function createAccountCash(ports: AccountCashPorts): AccountCash {
  const { db, workerDb, clock } = ports;

  const move = async (
    viewer: Viewer,
    movement: Movement,
    { accountId, amount, idempotencyKey: key }: MoveCash,
  ): Promise<Account> => {
    const { userId: ownerId } = requireCapability(viewer, 'TRADE');
    const parsed = parseAmount(amount);
    const account = await findOwnAccount(db, viewer, accountId);
    const { operation } = movement;
    const command = { accountId, amount: toText(parsed) };
    const asked = { ownerId, operation, key, command, now: clock.now() };
    const work = (tx: Tx) =>
      idempotent(tx, asked, () =>
        moveCash(tx, ports, { viewer, movement, account, amount: parsed }),
      );
    // The server's role moves money on paper alone.
    await (account.kind === 'PAPER'
      ? db.withViewer(viewer, work)
      : workerDb.withViewer(systemViewer(), work));
    return db.snapshot(viewer, (tx) => tx.account.findUniqueOrThrow({ where: { id: accountId } }));
  };

  return {
    deposit: (viewer, command) => move(viewer, DEPOSIT, command),
    withdraw: (viewer, command) => move(viewer, WITHDRAWAL, command),
  };
}

interface CashMovement {
  readonly viewer: Viewer;
  readonly movement: Movement;
  readonly account: Account;
  readonly amount: Decimal;
}

async function moveCash(
  tx: Tx,
  { ledger, audit, clock, ids }: AccountCashPorts,
  { viewer, movement, account, amount: given }: CashMovement,
): Promise<{ accountId: string }> {
  const before = await lockOwnAccount(tx, account);
  assertFitFor(before, { kinds: ['PAPER', 'EXTERNAL'], what: movement.what });
  const amount = inMinorUnits('amount', given, before.currency);
  const available = buyingPowerOf(before);
  if (movement.cause === 'WITHDRAWAL' && amount.greaterThan(available)) {
    throw new WithdrawalTooLarge({ required: amount, available });
  }
  const signed = movement.cause === 'DEPOSIT' ? amount : amount.negated();
  const occurredAt = clock.now();
  await ledger.post(tx, {
    ownerId: before.ownerId,
    cause: movement.cause,
    causeId: ids.next(),
    currency: before.currency,
    occurredAt,
    lines: [
      { ledgerAccount: 'CASH', accountId: before.id, amount: signed },
      { ledgerAccount: 'EXTERNAL', amount: signed.negated() },
    ],
  });
  const after = { ...before, cash: new Decimal(before.cash).plus(signed) };
  await appendEvents(tx, [balanceChanged(after, occurredAt)]);
  await audit.record(tx, viewer, {
    action: movement.action,
    targetType: 'Account',
    targetId: before.id,
    before: { cash: toText(before.cash) },
    after: { cash: toText(after.cash), amount: toText(signed) },
  });
  return { accountId: before.id };
}
