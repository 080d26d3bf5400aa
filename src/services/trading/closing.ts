import { useOfKey } from '../platform/idempotency.ts';
import type { NewEvent } from '../platform/outbox.ts';
import type { Pipeline } from '../platform/pipeline.ts';
import type { Order } from '../platform/prisma/client.ts';
import type { Query } from '../platform/query.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import type { Writes } from '../platform/writes.ts';
import { accountLock } from '../portfolio/locks.ts';
import { admit, type AdmissionOutcome, type AdmissionPorts } from './admission.ts';
import { isCancelable } from './engine/order-state.ts';
import { massCancellation } from './mass-cancellation.ts';
import { commandOf, parsePlacement, type PlaceOrder } from './placement.ts';

/**
 * What a key keeps of a closing: its order and what the gate said, the symbol whose orders are at a
 * broker, or a position that is less than a lot.
 */
export type ClosingOutcome =
  | AdmissionOutcome
  | { readonly atBroker: string }
  | { readonly dust: { readonly symbol: string; readonly held: string; readonly lot: string } };

export interface Closed {
  readonly outcome: ClosingOutcome;
  /** The order that closes; undefined when it was refused, or was placed before. */
  readonly order: Order | undefined;
  /** What was canceled for it: nothing, unless there is an order. */
  readonly canceled: readonly Order[];
  /** To be stored with the commit. */
  readonly events: readonly NewEvent[];
}

const command = (text: string): Query => ({ text, values: [] });
const SAVEPOINT = command('SAVEPOINT closing');
const UNDO = command('ROLLBACK TO SAVEPOINT closing');
const RELEASE = command('RELEASE SAVEPOINT closing');

/**
 * Cancels open orders and admits the order that closes a position, in the transaction of
 * `pipeline`. The gate judges as if the others were gone; when it refuses, they stand as they were,
 * and only the denied order is stored. The locks of the account and of the open orders are held.
 *
 * An order at a broker ends when the broker says so, and until then may still be filled: where one
 * is among them, nothing is done, and the outcome says so.
 */
export async function closeHeld(
  pipeline: Pipeline,
  ports: AdmissionPorts,
  {
    viewer,
    order: wanted,
    open,
  }: {
    readonly viewer: Viewer;
    readonly order: PlaceOrder;
    /** What is canceled for it. */
    readonly open: readonly Order[];
  },
): Promise<Closed> {
  const { userId: ownerId } = requireUser(viewer);
  const placement = parsePlacement(wanted);
  const { accountId, clientOrderId, symbol } = placement;
  const now = ports.clock.now();
  // What the closing before this one has freed or taken is in the account now.
  const [, [account]] = await pipeline.ask(SAVEPOINT, accountLock(accountId));
  if (!account) throw new Error(`Account ${accountId} was lost under its lock.`);
  if (account.kind === 'LIVE' && open.some(({ status }) => status !== 'PENDING')) {
    return { outcome: { atBroker: symbol }, order: undefined, canceled: [], events: [] };
  }
  const orders = open.filter(({ status }) => isCancelable(status));
  const cancellation = massCancellation({ account, orders, now });
  if (orders.length > 0) await pipeline.ask(...cancellation.queries);
  const key = useOfKey<AdmissionOutcome>({
    ...{ ownerId, operation: 'placeOrder', key: clientOrderId, scope: accountId },
    ...{ command: commandOf(placement), now },
  });
  const kept: Writes[] = [];
  const { outcome, order } = await admit(
    { ...pipeline, store: (...writes) => void kept.push(...writes) },
    ...[ports, { viewer, placement, key }],
  );
  const isClosing = order !== undefined && !outcome.refusal;
  // Stored at once, and not with the commit: the next closing has to see it.
  const writes = kept.flatMap(({ queries, calls = [] }) => [...queries, ...calls]);
  await pipeline.ask(...(isClosing ? [] : [UNDO]), RELEASE, ...writes);
  const events = kept.flatMap((each) => each.events);
  if (!isClosing) return { outcome, order: undefined, canceled: [], events };
  const { orders: canceled, events: before } = cancellation;
  return { outcome, order, canceled, events: [...before, ...events] };
}
