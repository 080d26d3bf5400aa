import { Prisma } from './prisma/client.ts';
import type { Tx } from './database.ts';

/** A fact to tell, written in the transaction that makes it true. */
export interface NewEvent {
  /** The stream it belongs to, such as `account:<id>`. */
  readonly topic: string;
  /** Who may read it; null for everyone. */
  readonly ownerId: string | null;
  /** In the past tense, such as `TradeExecuted`. */
  readonly type: string;
  /** Version of the payload's shape; fields are added and never changed. */
  readonly version: number;
  /** All of it, so that streaming needs no query. Decimals are strings, times ISO strings. */
  readonly payload: Prisma.InputJsonValue;
  readonly occurredAt: Date;
}

const transactionsWithEvents = new WeakSet<Tx>();

/** Whether {@link appendEvents} was called in this transaction: then the relay has work after it. */
export function hasEvents(tx: Tx): boolean {
  return transactionsWithEvents.has(tx);
}

/**
 * Puts events in the outbox; the relay gives them their global positions after the commit. Events of
 * one transaction keep their order. (Not `createMany`: the server's role may not read the outbox.)
 */
export async function appendEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  transactionsWithEvents.add(tx);
  const rows = events.map(
    (event) => Prisma.sql`(${event.topic}, ${event.ownerId}::uuid, ${event.type}, ${event.version},
      ${JSON.stringify(event.payload)}::jsonb, ${event.occurredAt})`,
  );
  await tx.$executeRaw`INSERT INTO outbox (topic, owner_id, type, version, payload, occurred_at)
    VALUES ${Prisma.join(rows)}`;
}
