import { createDesk, type Desk, type DeskPorts } from './desk.ts';
import type { Lease } from './leases.ts';
import type { OpenOrder } from './resting-orders.ts';

/** The desks of all instruments that this process has the lease of. */
export interface Desks {
  of(instrumentId: string): Desk | undefined;
  /** Opens a desk for each lease that was gained and closes those whose lease was lost. */
  arrange(held: readonly Lease[]): Promise<void>;
  /** The desk of a symbol, if it has seen all of its orders. */
  ofSymbol(symbol: string): Desk | undefined;
  /** Instruments whose desk has not seen all of its orders yet. */
  unread(): readonly string[];
  read(): readonly string[];
  /** Gives the desks of `instrumentIds` what was read for them, and sets them to work. */
  give(instrumentIds: readonly string[], orders: readonly OpenOrder[]): void;
  /** Trailing stops that may have moved since this was last asked, each with its stop as it stands. */
  trailed(): readonly OpenOrder[];
  close(): Promise<void>;
}

export function createDesks(portsOf: (lease: Lease) => DeskPorts): Desks {
  const desks = new Map<string, Desk>();
  const unread = new Set<string>();
  /** Of instruments by their symbols, also of some whose desk is closed. */
  const ids = new Map<string, string>();

  const closeLost = async (held: ReadonlyMap<string, Lease>): Promise<void> => {
    for (const [id, desk] of desks) {
      const lease = held.get(id);
      if (lease && desk.isOpen && desk.lease.epoch === lease.epoch) {
        desk.prolong(lease);
        continue;
      }
      desks.delete(id);
      unread.delete(id);
      await desk.close();
    }
  };

  return {
    of: (instrumentId) => desks.get(instrumentId),
    ofSymbol(symbol) {
      const id = ids.get(symbol);
      return id === undefined || unread.has(id) ? undefined : desks.get(id);
    },
    async arrange(held) {
      const byId = new Map(held.map((lease) => [lease.instrument.id, lease]));
      await closeLost(byId);
      for (const [id, lease] of byId) {
        if (desks.has(id)) continue;
        desks.set(id, createDesk(lease, portsOf(lease)));
        ids.set(lease.instrument.symbol, id);
        unread.add(id);
      }
    },
    unread: () => [...unread],
    read: () => [...desks.keys()].filter((id) => !unread.has(id)),
    give(instrumentIds, orders) {
      for (const order of orders) desks.get(order.instrumentId)?.add(order);
      for (const id of instrumentIds) {
        unread.delete(id);
        desks.get(id)?.work();
      }
    },
    trailed: () => [...desks.values()].flatMap((desk) => desk.trailed()),
    async close() {
      await Promise.all([...desks.values()].map((desk) => desk.close()));
      desks.clear();
      unread.clear();
    },
  };
}
