import { createInsert, runOf, type Query } from './query.ts';
import type { Tx } from './database.ts';
import type { Prisma } from './prisma/client.ts';

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
  await runOf(tx, eventsInsert(events));
}

const insert = createInsert<NewEvent>('outbox', {
  topic: 'topic',
  ownerId: 'owner_id',
  type: 'type',
  version: 'version',
  payload: 'payload',
  occurredAt: 'occurred_at',
});

/** The statement that puts events, at least one, in the outbox. */
export function eventsInsert(events: readonly NewEvent[]): Query {
  return insert(events.map((event) => ({ ...event, payload: JSON.stringify(event.payload) })));
}
