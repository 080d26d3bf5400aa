import { randomUUID } from 'node:crypto';
import { agentLogged } from '../../src/services/agents/events.ts';
import type { TestApp, TestPerson } from './app.ts';
import { commitEvents, eventually } from './outbox.ts';

/** Follows them; see {@link tellLargeLines}. */
export const LINES = `subscription Lines($after: Cursor) {
  viewerEvents(after: $after) { ... on AgentLogged { cursor entry { sequence content } } }
}`;

const LINE_BYTES = 100_000;
const TOGETHER = 20;

/**
 * Puts so many events of 100 kB each into the log, numbered from 0: more than the system holds for a
 * reader who reads nothing, when they are a hundred.
 */
export async function tellLargeLines(
  { database, app }: TestApp,
  { id: ownerId }: Pick<TestPerson, 'id'>,
  count: number,
): Promise<void> {
  const occurredAt = app.clock.now();
  const modelId = randomUUID();
  const events = Array.from({ length: count }, (_, sequence) =>
    agentLogged({
      ...{ id: randomUUID(), ownerId, modelId, runId: randomUUID(), sequence },
      ...{ date: occurredAt, occurredAt, kind: 'SYSTEM', data: {} },
      content: 'x'.repeat(LINE_BYTES),
    }),
  );
  for (let from = 0; from < count; from += TOGETHER) {
    await commitEvents(database, ...events.slice(from, from + TOGETHER));
  }
  await eventually('all is in the log', async () => {
    const left = await database.query('SELECT 1 FROM outbox LIMIT 1');
    return left.length === 0;
  });
}
