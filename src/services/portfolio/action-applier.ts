import type { LastPrices } from '../market/last-prices.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { Prisma, type CorporateAction, type Order } from '../platform/prisma/client.ts';
import { systemTimers, type Timers } from '../platform/timers.ts';
import { systemViewer } from '../platform/viewer.ts';
import { bookAction, type ActionBookingPorts, type DueAction } from './action-booking.ts';
import type { OrderClearance } from './order-clearance.ts';

export interface ActionApplierPorts extends Omit<ActionBookingPorts, 'clearance'> {
  readonly workerDb: Database;
  readonly lastPrices: Pick<LastPrices, 'of'>;
  readonly clearance: OrderClearance;
  readonly logger: Pick<Logger, 'error'>;
  readonly timers?: Timers;
}

export interface ActionApplier {
  /**
   * Applies the actions whose time has come: an account a transaction, in the order of their ids, each
   * account once, however often and in however many processes this runs; answers with how many accounts
   * had their part now. A crash between two accounts leaves the rest to the next run. An action is done
   * when a run a while after its time, which no trade of before can still be under way at, finds nobody
   * left.
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
  let end: (() => void) | undefined;
  let running: Promise<unknown> | undefined;

  const apply = async (action: CorporateAction): Promise<number> => {
    const due = await describe(ports, action);
    const accountIds = await workerDb.snapshot(systemViewer(), (tx) =>
      tx.$queryRaw<{ id: string }[]>(partakers(action)),
    );
    for (const { id: accountId } of accountIds) {
      let canceled: readonly Order[] = [];
      await workerDb.withViewer(systemViewer(), async (tx) => {
        canceled = await bookAction(tx, ports, { ...due, accountId });
      });
      ports.clearance.tell(canceled);
    }
    const now = clock.now();
    if (accountIds.length === 0 && now.getTime() >= action.effectiveAt.getTime() + SETTLED_MS) {
      await workerDb.withViewer(systemViewer(), (tx) =>
        tx.corporateAction.updateMany({
          where: { id: action.id, appliedAt: null },
          data: { appliedAt: now },
        }),
      );
    }
    return accountIds.length;
  };

  const applyDue = async (): Promise<number> => {
    const due = await workerDb.snapshot(systemViewer(), (tx) =>
      tx.corporateAction.findMany({
        where: { appliedAt: null, effectiveAt: { lte: clock.now() } },
        orderBy: [{ effectiveAt: 'asc' }, { id: 'asc' }],
        take: ACTIONS_MAX,
      }),
    );
    let applied = 0;
    for (const action of due) applied += await apply(action);
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
 * Who held the instrument just before and had no part yet; of a split, also whose orders of before work
 * still. Records are as they came, and what is at a broker the broker books.
 */
function partakers({ id, kind, instrumentId, effectiveAt }: CorporateAction): Prisma.Sql {
  const withOrders = Prisma.sql`
    UNION SELECT o.account_id FROM orders o
    WHERE o.instrument_id = ${instrumentId}::uuid AND o.created_at < ${effectiveAt}
      AND o.status IN ('PENDING', 'ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED')`;
  return Prisma.sql`
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
}
