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

/** Less than a test may take, so that it is this wait that fails, by its name. */
const TIMEOUT_MS = 90_000;

/** Waits until `look` answers with something true, for a minute and a half at most. */
export async function eventually<Answer>(
  what: string,
  look: () => Answer | Promise<Answer>,
  timeoutMs = TIMEOUT_MS,
): Promise<Answer> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await look();
    if (answer) return answer;
    if (performance.now() > deadlineMs) throw new Error(`Waited in vain until ${what}.`);
    await delay(10);
  }
}
