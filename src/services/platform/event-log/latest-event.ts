import type { Tx } from '../database.ts';
import type { EventSource, StoredEvent } from './stored-event.ts';

/** The newest event of a type that the log holds of a source, as the transaction of `tx` sees it. */
export async function readLatestEvent(
  tx: Tx,
  source: EventSource,
  type: string,
): Promise<StoredEvent | undefined> {
  const event = await tx.loggedEvent.findFirst({
    where: { ...source, type },
    orderBy: { position: 'desc' },
  });
  return event ?? undefined;
}
