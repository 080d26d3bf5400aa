import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { DomainError } from '../platform/errors.ts';
import { toText } from '../platform/money.ts';
import { systemViewer, type Viewer } from '../platform/viewer.ts';
import type { Orders } from '../trading/orders.ts';
import type { NewLogLine } from './agent-log.ts';
import type { PlannedOrder } from './run-log.ts';

export interface OrderPlacementPorts {
  readonly workerDb: Database;
  readonly orders: Pick<Orders, 'place'>;
  readonly clock: Clock;
  /** How long a decision may be carried out: a market order must not come hours late. */
  readonly decisionLifetimeMs: number;
}

export interface Placement {
  readonly order: PlannedOrder;
  /** The model's owner, in a viewer of its own. */
  readonly viewer: Viewer;
  readonly accountId: string;
  readonly universe: readonly string[];
  readonly runId: string;
  readonly decidedAt: Date;
}

/**
 * Places what a run decided as the owner of its model, through the gate of everyone, and answers
 * with the line for the log: accepted, or refused with the code of the refusal.
 */
export function createOrderPlacement(ports: OrderPlacementPorts) {
  const { workerDb, orders, clock, decisionLifetimeMs } = ports;

  const isPlaced = ({ accountId, order: { clientOrderId } }: Placement): Promise<boolean> =>
    workerDb.snapshot(systemViewer(), async (tx) => {
      const where = { accountId_clientOrderId: { accountId, clientOrderId } };
      return (await tx.order.findUnique({ where, select: { id: true } })) !== null;
    });

  return async (placement: Placement): Promise<NewLogLine> => {
    const { order, viewer, accountId, universe, runId, decidedAt } = placement;
    const { symbol, side, quantity, clientOrderId } = order;
    if (!universe.includes(symbol)) {
      return refused(order, 'NOT_IN_UNIVERSE', `${symbol} is not in the model's universe.`);
    }
    const isOld = clock.now().getTime() - decidedAt.getTime() > decisionLifetimeMs;
    if (isOld && !(await isPlaced(placement))) {
      return refused(order, 'DECISION_EXPIRED', 'It was decided too long ago.');
    }
    try {
      const command = { accountId, symbol, side, quantity, clientOrderId, runId };
      const { id: orderId, status } = await orders.place(viewer, command);
      return {
        sequence: order.sequence,
        kind: 'TOOL',
        content: `Order to ${inWords(order)}: ${status}.`,
        data: { clientOrderId, orderId, status },
      };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return refused(order, error.code, error.message);
    }
  };
}

function refused(order: PlannedOrder, code: string, reason: string): NewLogLine {
  return {
    sequence: order.sequence,
    kind: 'TOOL',
    content: `Order to ${inWords(order)} was refused: ${reason}`,
    data: { clientOrderId: order.clientOrderId, code },
  };
}

function inWords({ side, quantity, symbol }: PlannedOrder): string {
  return `${side === 'BUY' ? 'buy' : 'sell'} ${toText(quantity)} ${symbol}`;
}
