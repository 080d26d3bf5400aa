/**
 * What the relay tells of the log: where it ends, and which channels had events since it told last. A
 * receiver that misses such an event looks it up.
 */
export interface HeadMessage {
  /** Last position given. */
  readonly position: bigint;
  /** The message speaks of the positions after this one. */
  readonly since: bigint;
  /** Position of the last event of each channel in that range; undefined when they are too many to name. */
  readonly channels: ReadonlyMap<string, bigint> | undefined;
}

export function encodeHead({ position, since, channels }: HeadMessage): string {
  const named = channels && [...channels].map(([channel, last]) => [channel, last.toString()]);
  return JSON.stringify({
    position: position.toString(),
    since: since.toString(),
    channels: named,
  });
}

export function decodeHead(message: string): HeadMessage {
  const { position, since, channels } = JSON.parse(message) as {
    position: string;
    since: string;
    channels?: [string, string][];
  };
  return {
    position: BigInt(position),
    since: BigInt(since),
    channels: channels && new Map(channels.map(([channel, last]) => [channel, BigInt(last)])),
  };
}
