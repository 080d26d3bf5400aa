import { Secret, TOTP } from 'otpauth';
import type { RandomBytes } from './refresh-token.ts';

/** What every authenticator app takes for granted (RFC 6238; Key URI Format). */
const RULES = { issuer: 'Tradegraph', algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** As long as the hash (RFC 4226, 4, R6). */
const SECRET_BYTES = 20;
/** A clock that is half a minute off, and the time that typing takes (RFC 6238, 5.2). */
const WINDOW_STEPS = 1;
const CODE = /^\d{6}$/;
const SECOND_MS = 1_000;

/** A secret for an authenticator app, in base32. */
export function newTotpSecret(randomBytes: RandomBytes): string {
  const { buffer } = Uint8Array.from(randomBytes(SECRET_BYTES));
  return new Secret({ buffer }).base32;
}

/** What an app reads from a QR code. */
export function totpUri({ secret, username }: { secret: string; username: string }): string {
  return new TOTP({ ...RULES, label: username, secret: Secret.fromBase32(secret) }).toString();
}

/**
 * The step of 30 seconds, counted from 1970, that a code belongs to: that of `now`, the one before
 * or the one after it. Undefined for any other text.
 */
export function stepOfCode(
  secret: string,
  { code, now }: { readonly code: string; readonly now: Date },
): bigint | undefined {
  // The library fails on letters of more than one byte.
  if (!CODE.test(code)) return undefined;
  const totp = new TOTP({ ...RULES, secret: Secret.fromBase32(secret) });
  const timestamp = now.getTime();
  const delta = totp.validate({ token: code, timestamp, window: WINDOW_STEPS });
  if (delta === null) return undefined;
  return BigInt(Math.floor(timestamp / SECOND_MS / RULES.period) + delta);
}
