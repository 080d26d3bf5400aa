import type { PostOutcome } from '../platform/outside-post.ts';

/** Why an event was not taken. Each is told with words of ours, and never with what the receiver said. */
export const FAILURES = {
  NO_ADDRESS: 'The name of the receiver has no address.',
  INSIDE_ADDRESS: 'The name of the receiver leads to no address of the internet.',
  CONNECTION_FAILED: 'The receiver took no connection, or broke it off.',
  TLS_FAILED: 'The certificate of the receiver is not one to be trusted.',
  TIMED_OUT: 'The receiver did not answer in time.',
  REDIRECTED: 'The receiver sent us elsewhere, where we do not follow.',
  BAD_STATUS: 'The receiver did not take it.',
  GONE: 'The receiver is gone.',
} as const;

export type FailureCode = keyof typeof FAILURES;

export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  /** How long the receiver asks to wait. */
  readonly retryAfterMs?: number;
}

const GONE = 410;
const BUSY: readonly number[] = [429, 503];

/** Why an attempt failed; undefined for an event that was taken. */
export function failureOf(
  outcome: Exclude<PostOutcome, { readonly kind: 'STOPPED' }>,
  now: Date,
): Failure | undefined {
  if (outcome.kind === 'FAILED') {
    return { code: outcome.problem, message: FAILURES[outcome.problem] };
  }
  const { status, retryAfter } = outcome;
  if (status >= 200 && status < 300) return undefined;
  const code = codeOf(status);
  const message = `${FAILURES[code]} It answered with the status ${String(status)}.`;
  const retryAfterMs = BUSY.includes(status) ? waitOf(retryAfter, now) : undefined;
  return { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function codeOf(status: number): FailureCode {
  if (status === GONE) return 'GONE';
  return status >= 300 && status < 400 ? 'REDIRECTED' : 'BAD_STATUS';
}

/** Seconds, or a time (RFC 9110, section 10.2.3). */
function waitOf(retryAfter: string | undefined, now: Date): number | undefined {
  if (retryAfter === undefined) return undefined;
  const text = retryAfter.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  // Without its end, all kinds of texts would pass for a time.
  const atMs = text.endsWith(' GMT') ? Date.parse(text) : NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - now.getTime());
}
