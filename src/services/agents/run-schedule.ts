import { createHash } from 'node:crypto';

const SECOND_MS = 1_000;

export interface Scheduled {
  readonly id: string;
  readonly intervalSeconds: number;
  readonly createdAt: Date;
}

/**
 * When the run that is due at `now` began to be: the runs of a model fall on its creation plus
 * whole intervals, so that every process agrees on them, and a restart too.
 */
export function slotOf({ intervalSeconds, createdAt }: Scheduled, now: Date): Date {
  const intervalMs = intervalSeconds * SECOND_MS;
  const sinceMs = now.getTime() - createdAt.getTime();
  return new Date(createdAt.getTime() + Math.floor(sinceMs / intervalMs) * intervalMs);
}

/**
 * The id of the run of a model at a slot: always the same, so that a run that is repeated after a
 * crash, or begun by two processes, meets what it did before. It has the layout of a UUIDv7 (RFC 9562,
 * 5.7) with the slot as its time; SHA-256 over model and slot stands where others have random bits.
 */
export function runIdOf({ id }: Pick<Scheduled, 'id'>, slot: Date): string {
  const slotMs = slot.getTime();
  const bytes = createHash('sha256').update(`${id}:${slotMs}`).digest().subarray(0, 16);
  bytes.writeUIntBE(slotMs, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...groups, hex.slice(20)].join('-');
}
