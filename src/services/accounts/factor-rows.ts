import type { Tx } from '../platform/database.ts';
import type { SecondFactorMethod } from './second-factor.ts';

/** What a person can show. */
export interface Factors {
  /** Null without an authenticator app, and while one waits for its first code. */
  readonly totpEnabledAt: Date | null;
  readonly passkeyCount: number;
  /** Those that were not used. */
  readonly recoveryCodesLeft: number;
}

/** The factors of the viewer of `tx`. */
export async function readFactors(tx: Tx, ownerId: string): Promise<Factors> {
  const [factors] = await tx.$queryRaw<Factors[]>`
    SELECT
      (SELECT confirmed_at FROM totp_factors WHERE owner_id = ${ownerId}::uuid) AS "totpEnabledAt",
      (SELECT count(*)::int FROM passkeys WHERE owner_id = ${ownerId}::uuid) AS "passkeyCount",
      (SELECT count(*)::int FROM recovery_codes
       WHERE owner_id = ${ownerId}::uuid AND used_at IS NULL) AS "recoveryCodesLeft"`;
  return factors ?? { totpEnabledAt: null, passkeyCount: 0, recoveryCodesLeft: 0 };
}

/** Empty for a person without any factor: recovery codes are no factor by themselves. */
export function methodsOf(factors: Factors): SecondFactorMethod[] {
  const methods: SecondFactorMethod[] = [];
  if (factors.totpEnabledAt !== null) methods.push('TOTP');
  if (factors.passkeyCount > 0) methods.push('PASSKEY');
  if (methods.length > 0 && factors.recoveryCodesLeft > 0) methods.push('RECOVERY_CODE');
  return methods;
}

/**
 * Waits for whoever changes the factors of this person, and keeps others waiting until the end of
 * `tx`: what is the first of them, and what the last, is decided by one at a time.
 */
export async function lockFactors(tx: Tx, ownerId: string): Promise<void> {
  const name = `tradegraph.factors:${ownerId}`;
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))::text`;
}
