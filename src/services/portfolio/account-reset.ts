import { requireCapability } from '../accounts/capabilities.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Ids } from '../platform/ids.ts';
import { Decimal, toColumn, toText, ZERO } from '../platform/money.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { Account, Order, Position } from '../platform/prisma/client.ts';
import { systemViewer, type Viewer } from '../platform/viewer.ts';
import type { Booking } from './booking.ts';
import { AccountNotEmpty } from './errors.ts';
import { balanceChanged } from './events.ts';
import type { Ledger } from './ledger.ts';
import { lockOpenPositions } from './locks.ts';
import type { OrderClearance } from './order-clearance.ts';
import { assertFitFor, findOwnAccount, lockOwnAccount } from './own-account.ts';
import type { PositionMark, Valuation } from './valuation.ts';

export interface ResetAccount {
  readonly accountId: string;
  readonly idempotencyKey: string;
}

export interface AccountResetPorts {
  readonly db: Database;
  /** Trades are the worker's to write. */
  readonly workerDb: Database;
  readonly booking: Booking;
  readonly ledger: Ledger;
  readonly clearance: OrderClearance;
  readonly valuation: Pick<Valuation, 'marks'>;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface AccountReset {
  /**
   * Brings an account on paper back to its starting cash, in one transaction: cancels its open
   * orders, gives its positions back at their marks (at their cost where there is no price) by
   * trades of the source RESET, without fees, and moves the difference to the starting cash by a
   * transfer of the cause RESET. What was before stays in the history; what the account was worth
   * changes by that transfer alone, which counts as money from outside and not as profit. Once for
   * its key. Throws NotFound, AccountKindMismatch, AccountOfModel and AccountClosed.
   */
  reset(viewer: Viewer, command: ResetAccount): Promise<Account>;
}

const REASON = { code: 'ACCOUNT_RESET', message: 'The account was reset.' };

export function createAccountReset(ports: AccountResetPorts): AccountReset {
  const { db, workerDb, clock, clearance } = ports;
  return {
    async reset(viewer, { accountId, idempotencyKey: key }) {
      const { userId: ownerId } = requireCapability(viewer, 'TRADE');
      const account = await findOwnAccount(db, viewer, accountId);
      const held = await db.withViewer(viewer, (tx) =>
        tx.position.findMany({ where: { accountId, closedAt: null } }),
      );
      // Before the transaction, in which nothing else is asked.
      const marks = await ports.valuation.marks(
        systemViewer(),
        held.map(({ instrumentId }) => instrumentId),
      );
      const command = { ownerId, operation: 'resetAccount', key, command: { accountId } };
      let canceled: readonly Order[] = [];
      await workerDb.withViewer(systemViewer(), (tx) =>
        idempotent(tx, { ...command, now: clock.now() }, async () => {
          canceled = await resetAccount(tx, ports, { viewer, account, marks });
          return { accountId };
        }),
      );
      clearance.tell(canceled);
      return db.snapshot(viewer, (tx) =>
        tx.account.findUniqueOrThrow({ where: { id: accountId } }),
      );
    },
  };
}

interface Reset {
  readonly viewer: Viewer;
  readonly account: Account;
  readonly marks: ReadonlyMap<string, PositionMark>;
}

async function resetAccount(
  tx: Tx,
  ports: AccountResetPorts,
  { viewer, account, marks }: Reset,
): Promise<readonly Order[]> {
  const { ledger, audit, clearance, clock, ids } = ports;
  const before = await lockOwnAccount(tx, account);
  assertFitFor(before, { kinds: ['PAPER'], what: 'Resets' });
  const canceled = await clearance.cancel(tx, { accountId: before.id, reason: REASON });
  const openOrders = await clearance.countWorking(tx, before.id);
  if (openOrders > 0) throw new AccountNotEmpty({ openOrders, openPositions: 0 });
  const now = clock.now();
  const positions = await lockOpenPositions(tx, before.id);
  for (const position of positions) {
    await giveBack(tx, ports, {
      account: before,
      position,
      mark: marks.get(position.instrumentId),
    });
  }
  const given = await lockOwnAccount(tx, account);
  const amount = new Decimal(given.startingCash).minus(given.cash);
  await ledger.post(tx, {
    ownerId: given.ownerId,
    cause: 'RESET',
    causeId: ids.next(),
    currency: given.currency,
    occurredAt: now,
    lines: [
      { ledgerAccount: 'CASH', accountId: given.id, amount },
      { ledgerAccount: 'EXTERNAL', amount: ZERO.minus(amount) },
    ],
  });
  await appendEvents(tx, [balanceChanged({ ...given, cash: given.startingCash }, now)]);
  await audit.record(tx, viewer, {
    action: 'account.reset',
    targetType: 'Account',
    targetId: given.id,
    before: { cash: toText(before.cash), positions: positions.length, orders: canceled.length },
    after: { cash: toText(given.startingCash), amount: toText(amount) },
  });
  return canceled;
}

interface GivenBack {
  readonly account: Account;
  readonly position: Position;
  readonly mark: PositionMark | undefined;
}

/** A price above zero that a column can keep, for what cost nothing and has no price. */
const LEAST_PRICE = new Decimal('1e-18');

async function giveBack(
  tx: Tx,
  { booking, clock }: AccountResetPorts,
  { account, position, mark }: GivenBack,
): Promise<void> {
  const instrument = await tx.instrument.findUniqueOrThrow({
    where: { id: position.instrumentId },
  });
  const quantity = new Decimal(position.quantity).abs();
  const cost = new Decimal(position.totalCost);
  const average = toColumn(cost.abs().dividedBy(quantity));
  await booking.bookTrade(tx, {
    account,
    instrument,
    side: position.quantity.isPositive() ? 'SELL' : 'BUY',
    quantity,
    price: mark ? mark.price : Decimal.max(average, LEAST_PRICE),
    // At its cost to the cent, so that nothing is won or lost by it.
    ...(!mark && { cashAmount: cost }),
    fee: ZERO,
    source: 'RESET',
    executedAt: clock.now(),
  });
}
