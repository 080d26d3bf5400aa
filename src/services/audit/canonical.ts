import { hash } from 'node:crypto';

/**
 * An audit record as the database stores it, each value in the text that PostgreSQL gives it: the
 * time as seconds since 1970 with six decimals, JSON in the one order and spelling of `jsonb`. A
 * JavaScript date has no microseconds and a JavaScript number not all digits, and a change there
 * must show.
 */
export interface StoredRecord {
  readonly id: string;
  readonly occurredAt: string;
  readonly actorId: string | null;
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
}

/** The version of the canonical form, stored with each seal. A new column makes a new form. */
export const RECORD_FORM = 1;

const SECOND_MS = 1_000;
const SECOND_MS_DIGITS = 3;

/**
 * Parts that can be told apart again whatever is in them: each as its length in bytes, a colon, the
 * bytes and a comma (D. J. Bernstein's netstrings), and `-,` for what is null.
 */
export function joinParts(parts: readonly (string | null)[]): string {
  return parts
    .map((part) => (part === null ? '-,' : `${String(Buffer.byteLength(part))}:${part},`))
    .join('');
}

/** SHA-256 of a record's canonical form, which names every column of the table. */
export function hashRecord(record: StoredRecord): Buffer {
  const form = joinParts([
    `tradegraph audit record ${String(RECORD_FORM)}`,
    record.id,
    record.occurredAt,
    record.actorId,
    record.action,
    record.targetType,
    record.targetId,
    record.before,
    record.after,
    record.address,
    record.userAgent,
    record.requestId,
  ]);
  return hash('sha256', form, 'buffer');
}

/** A time as PostgreSQL writes `extract(epoch FROM …)`. Not for times before 1970. */
export function epochText(time: Date): string {
  const ms = time.getTime();
  const fraction = String(ms % SECOND_MS).padStart(SECOND_MS_DIGITS, '0');
  return `${String(Math.floor(ms / SECOND_MS))}.${fraction}000`;
}
