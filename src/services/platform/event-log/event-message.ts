import type { StoredEvent } from './stored-event.ts';

/** An event as the bus carries it: with the position before it in its topic and of its owner. */
export interface LiveEvent {
  readonly event: StoredEvent;
  /** How long its message was: what it takes while it waits for a reader, about. */
  readonly bytes: number;
  /** Position of the event before it of the same owner; 0 for the first, and for everyone's events. */
  readonly ownerPreviousPosition: bigint;
}

/** A row that the relay has moved: a live event whose payload is still the text of its JSON. */
export interface MovedEvent extends Omit<LiveEvent, 'bytes'> {
  readonly event: StoredEvent & { readonly payload: string };
}

/** The message of a moved event. Its payload's text is copied, not parsed. */
export function encodeMoved({ event, ownerPreviousPosition }: MovedEvent): string {
  const envelope = JSON.stringify({
    position: event.position.toString(),
    previousPosition: event.previousPosition.toString(),
    ownerPreviousPosition: ownerPreviousPosition.toString(),
    topic: event.topic,
    ownerId: event.ownerId,
    type: event.type,
    version: event.version,
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
  });
  return `${envelope.slice(0, -1)},"payload":${event.payload}}`;
}

interface Envelope extends Record<
  'position' | 'previousPosition' | 'ownerPreviousPosition' | 'topic' | 'type',
  string
> {
  readonly ownerId: string | null;
  readonly version: number;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly payload: unknown;
}

/**
 * Reads messages of {@link encodeMoved}. A message that came just before is not parsed again: the bus
 * hands the same one to all subscribers of a channel, one after another.
 */
export function createEventDecoder(): (message: string) => LiveEvent {
  let lastMessage: string | undefined;
  let last: LiveEvent | undefined;
  return (message) => {
    if (last === undefined || message !== lastMessage) {
      last = decode(JSON.parse(message) as Envelope, message.length);
      lastMessage = message;
    }
    return last;
  };
}

function decode(envelope: Envelope, bytes: number): LiveEvent {
  return {
    bytes,
    event: {
      position: BigInt(envelope.position),
      previousPosition: BigInt(envelope.previousPosition),
      topic: envelope.topic,
      ownerId: envelope.ownerId,
      type: envelope.type,
      version: envelope.version,
      payload: envelope.payload,
      occurredAt: new Date(envelope.occurredAt),
      recordedAt: new Date(envelope.recordedAt),
    },
    ownerPreviousPosition: BigInt(envelope.ownerPreviousPosition),
  };
}
