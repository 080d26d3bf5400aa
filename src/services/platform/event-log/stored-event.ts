/** An event of the log. Shared by all readers of a process: nobody changes it. */
export interface StoredEvent {
  /** Its place among all events: 1, 2, 3 … without a hole. */
  readonly position: bigint;
  /** Position of the event before it in its topic; 0 for the first. */
  readonly previousPosition: bigint;
  readonly topic: string;
  /** Who may read it; null for everyone. */
  readonly ownerId: string | null;
  readonly type: string;
  /** Version of the payload's shape. */
  readonly version: number;
  readonly payload: unknown;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
}

/** What a durable stream follows: one topic, or all that belongs to one user. */
export type EventSource = { readonly topic: string } | { readonly ownerId: string };

/** The channel on which the relay tells the head of the log, each second. */
export const HEAD_CHANNEL = 'head';

/** The channel of the bus on which the events of a source come. */
export function channelOf(source: EventSource): string {
  return 'topic' in source ? source.topic : `owner:${source.ownerId}`;
}
