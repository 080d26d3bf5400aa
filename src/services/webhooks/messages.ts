import { derivedId } from '../platform/derived-id.ts';
import { encodeCursor } from '../platform/event-log/cursor.ts';
import type { Gap } from '../platform/event-log/log-reader.ts';
import type { StoredEvent } from '../platform/event-log/stored-event.ts';
import type { Prisma } from '../platform/prisma/client.ts';

/** What is posted. */
export interface Message {
  /** The same at each try, and after a replay: a receiver knows by it what it has already. */
  readonly id: string;
  readonly body: string;
}

/** Longer ones are told without what they tell. */
const BODY_BYTES_MAX = 65_536;

/** @param data what the event tells; null for what cannot be told any more */
export function eventMessage(
  webhookId: string,
  { position, type, version, occurredAt }: StoredEvent,
  data: Prisma.InputJsonObject | null,
): Message {
  const head = {
    type,
    timestamp: occurredAt.toISOString(),
    cursor: encodeCursor(position),
    version,
  };
  const whole = JSON.stringify({ ...head, data });
  const isShort = Buffer.byteLength(whole) <= BODY_BYTES_MAX;
  return {
    id: messageId(webhookId, String(position)),
    body: isShort ? whole : JSON.stringify({ ...head, data: null }),
  };
}

/** That events behind a cursor are kept no more. */
export function gapMessage(webhookId: string, { from, oldest, reason }: Gap, now: Date): Message {
  const data = { reason, from: encodeCursor(from), oldest: encodeCursor(oldest) };
  const body = { type: 'StreamGap', timestamp: now.toISOString(), version: 1, data };
  return { id: messageId(webhookId, `gap ${String(from)}`), body: JSON.stringify(body) };
}

const messageId = (webhookId: string, place: string): string =>
  `msg_${derivedId(['webhook message', webhookId, place])}`;
