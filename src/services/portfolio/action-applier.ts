import type { LastPrices } from '../market/last-prices.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { Prisma, type CorporateAction, type Order } from '../platform/prisma/client.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';
import { systemViewer } from '../platform/viewer.ts';
import { bookAction, type ActionBookingPorts, type DueAction } from './action-booking.ts';
import { createActionFailures } from './action-failures.ts';
import type { OrderClearance } from './order-clearance.ts';
import { STANDS_HERE } from './order-standing.ts';

export interface ActionApplierPorts extends Omit<ActionBookingPorts, 'clearance'> {
  readonly workerDb: Database;
  readonly lastPrices: Pick<LastPrices, 'of'>;
  readonly clearance: OrderClearance;
  readonly logger: Pick<Logger, 'error'>;
  readonly timers?: Timers;
}

export interface ActionApplier {
  /**
   * Applies the actions whose time has come: an account a transaction, in the order of their ids,
   * each account once, however often and in however many processes this runs; answers with how many
   * accounts had their part now. A crash between two accounts leaves the rest to the next run. An
   * action is done when a run a while after its time, which no trade of before can still be under
   * way at, finds nobody left.
   *
   * An account, or an action, that fails is logged and holds up no other: it is tried again after a
   * while, and what is effective later of the same instrument waits for it in that account.
   */
  applyDue(): Promise<number>;
  /** Looks every second from now on. */
  start(): void;
  /** Resolves when what is under way is done. */
  stop(): Promise<void>;
}

const LOOK_MS = 1_000;
/** Longer than any transaction that books a trade may take. */
const SETTLED_MS = 15_000;
const ACTIONS_MAX = 100;

export function createActionApplier(ports: ActionApplierPorts): ActionApplier {
  const { workerDb, clock, logger, timers = systemTimers } = ports;
  const failures = createActionFailures(clock);
  let end: (() => void) | undefined;
  let running: Promise<unknown> | undefined;

  const apply = async (action: CorporateAction): Promise<number> => {
    const due = await describe(ports, action);
    const accountIds = await workerDb.snapshot(systemViewer(), (tx) => partakersOf(tx, action));
    const failed = new Set<string>();
    let applied = 0;
    for (const accountId of accountIds) {
      if (failures.isHeldUp(action, accountId)) continue;
      try {
        await book(ports, due, accountId);
        applied += 1;
      } catch (err) {
        failed.add(accountId);
        logger.error(
          { err, actionId: action.id, accountId },
          'An account has no part in an action yet.',
        );
      }
    }
    if (failed.size > 0) failures.note(action, failed);
    const isSettled = clock.now().getTime() >= action.effectiveAt.getTime() + SETTLED_MS;
    if (accountIds.length === 0 && isSettled) {
      await workerDb.withViewer(systemViewer(), (tx) => finish(tx, action, clock.now()));
    }
    return applied;
  };

  const applyDue = async (): Promise<number> => {
    const due = await workerDb.snapshot(systemViewer(), (tx) =>
      actionsDue(tx, { now: clock.now(), leftOut: failures.waiting() }),
    );
    let applied = 0;
    for (const action of due) {
      try {
        applied += await apply(action);
      } catch (err) {
        failures.note(action, 'all');
        logger.error({ err, actionId: action.id }, 'A corporate action could not be applied.');
      }
    }
    return applied;
  };

  return {
    applyDue,
    start() {
      if (end) throw new Error('Corporate actions are applied already.');
      end = timers.every(LOOK_MS, () => {
        running ??= applyDue()
          .catch((err: unknown) => {
            logger.error({ err }, 'Corporate actions could not be applied; they are tried again.');
          })
          .finally(() => {
            running = undefined;
          });
      });
    },
    async stop() {
      end?.();
      end = undefined;
      await running;
    },
  };
}

function actionsDue(
  tx: Tx,
  { now, leftOut }: { readonly now: Date; readonly leftOut: string[] },
): Promise<CorporateAction[]> {
  return tx.corporateAction.findMany({
    where: { appliedAt: null, effectiveAt: { lte: now }, id: { notIn: leftOut } },
    orderBy: [{ effectiveAt: 'asc' }, { id: 'asc' }],
    take: ACTIONS_MAX,
  });
}

async function book(ports: ActionApplierPorts, due: DueAction, accountId: string): Promise<void> {
  let canceled: readonly Order[] = [];
  await ports.workerDb.withViewer(systemViewer(), async (tx) => {
    canceled = await bookAction(tx, ports, { ...due, accountId });
  });
  ports.clearance.tell(canceled);
}

async function describe(
  { workerDb, lastPrices }: ActionApplierPorts,
  action: CorporateAction,
): Promise<DueAction> {
  const { instrumentId, effectiveAt } = action;
  const instrument = await workerDb.snapshot(systemViewer(), (tx) =>
    tx.instrument.findUniqueOrThrow({ where: { id: instrumentId } }),
  );
  const prices = await lastPrices.of(systemViewer(), [instrumentId], effectiveAt);
  return { action, instrument, priceBefore: prices.get(instrumentId)?.price };
}

/**
 * Looks once more under the action's lock: who reports a trade of before takes it too, so that the
 * trade is either seen here, or refused there.
 */
async function finish(tx: Tx, action: CorporateAction, now: Date): Promise<void> {
  await tx.$queryRaw`
    SELECT FROM corporate_actions WHERE id = ${action.id}::uuid FOR NO KEY UPDATE`;
  if ((await partakersOf(tx, action)).length > 0) return;
  await tx.corporateAction.updateMany({
    where: { id: action.id, appliedAt: null },
    data: { appliedAt: now },
  });
}

/**
 * Who held the instrument just before and had no part yet; of a split, also whose orders of before
 * work still. Records are as they came, and what is at a broker the broker books.
 */
async function partakersOf(
  tx: Tx,
  { id, kind, instrumentId, effectiveAt }: CorporateAction,
): Promise<string[]> {
  const withOrders = Prisma.sql`
    UNION SELECT o.account_id FROM orders o
    WHERE o.instrument_id = ${instrumentId}::uuid AND o.created_at < ${effectiveAt}
      AND o.${Prisma.raw(STANDS_HERE)}`;
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT a.id FROM (
      SELECT p.account_id FROM positions p
      WHERE p.instrument_id = ${instrumentId}::uuid AND p.opened_at < ${effectiveAt}
        AND (p.closed_at IS NULL OR p.closed_at >= ${effectiveAt})
        AND NOT EXISTS (SELECT FROM corporate_action_effects e
          WHERE e.action_id = ${id}::uuid AND e.account_id = p.account_id)
      ${kind === 'SPLIT' ? withOrders : Prisma.empty}
    ) h JOIN accounts a ON a.id = h.account_id
    WHERE a.status = 'ACTIVE' AND a.kind IN ('PAPER', 'EXTERNAL')
    GROUP BY a.id ORDER BY a.id`;
  return rows.map((row) => row.id);
}
