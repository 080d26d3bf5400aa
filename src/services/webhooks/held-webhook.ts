/** A webhook that this process serves, and no other one while its lease lasts. */
export interface HeldWebhook {
  readonly id: string;
  readonly ownerId: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly cursor: bigint;
  /** Failures of the event at hand so far. */
  readonly attempt: number;
  /** Counts those who had it: what is written by another than the last one is not kept. */
  readonly epoch: number;
  readonly leasedUntil: Date;
}

/** A send has been broken off long before its webhook may be taken by another process. */
const LEASE_MS = 45_000;

/** Until when whoever takes a webhook now, or goes on with it, has it. */
export const leaseFrom = (now: Date): Date => new Date(now.getTime() + LEASE_MS);
