import { setTimeout as delay } from 'node:timers/promises';
import { appendEvents, type NewEvent } from '../../src/services/platform/outbox.ts';
import { systemViewer } from '../../src/services/platform/viewer.ts';
import type { TestDatabase } from './database.ts';

/** An event for tests, of everyone's unless said. */
export function newEvent(event: Partial<NewEvent> & { readonly topic: string }): NewEvent {
  const occurredAt = new Date('2026-11-20T12:00:00.123Z');
  return { ownerId: null, type: 'Counted', version: 1, payload: {}, occurredAt, ...event };
}

/** Commits events to the outbox in one transaction of the worker. */
export async function commitEvents(
  database: TestDatabase,
  ...events: readonly NewEvent[]
): Promise<void> {
  await database.worker.withViewer(systemViewer(), (tx) => appendEvents(tx, events));
}

const ATTEMPTS_MAX = 1_000;

/** Waits until `look` answers with something true, for ten seconds at most. */
export async function eventually<Answer>(
  what: string,
  look: () => Answer | Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const answer = await look();
    if (answer) return answer;
    await delay(10);
  }
  throw new Error(`Waited in vain until ${what}.`);
}
