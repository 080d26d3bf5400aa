import type { ConfigProblem } from './config-error.ts';
import type { WebAuthnConfig } from './config.ts';
import type { Variables } from './variables.ts';

type WebAuthnVariables = Pick<
  Variables,
  'NODE_ENV' | 'PORT' | 'CORS_ALLOWED_ORIGINS' | 'WEBAUTHN_RP_ID' | 'WEBAUTHN_ORIGINS'
>;

/**
 * For whom passkeys are made, and the pages that may use them: without a list, those that may call the API
 * and belong to the domain. Undefined where no domain is known: production has to name it, since it can
 * never be changed without losing every passkey.
 */
export function webAuthnSettings(
  values: WebAuthnVariables,
  developmentOrigins: readonly string[],
): WebAuthnConfig | undefined {
  const isProduction = values.NODE_ENV === 'production';
  const rpId = values.WEBAUTHN_RP_ID ?? (isProduction ? undefined : 'localhost');
  if (rpId === undefined) return undefined;
  const own = `http://localhost:${String(values.PORT)}`;
  const callers = values.CORS_ALLOWED_ORIGINS ?? (isProduction ? [] : [...developmentOrigins, own]);
  const origins = values.WEBAUTHN_ORIGINS ?? callers.filter((origin) => belongsTo(origin, rpId));
  return { rpId, origins };
}

/** Origins from which no browser would use a passkey of the domain. */
export function webAuthnProblems(values: WebAuthnVariables): ConfigProblem[] {
  const { rpId, origins } = webAuthnSettings(values, []) ?? { rpId: '', origins: [] };
  const variable = 'WEBAUTHN_ORIGINS';
  if (values.WEBAUTHN_ORIGINS && rpId === '') {
    return [{ variable: 'WEBAUTHN_RP_ID', fix: 'is not set, and WEBAUTHN_ORIGINS needs it.' }];
  }
  const foreign = origins.filter((origin) => !belongsTo(origin, rpId));
  if (foreign.length > 0) {
    const fix = `must list https origins of ${rpId} or below it; ${foreign.join(', ')} is none.`;
    return [{ variable, fix }];
  }
  if (values.WEBAUTHN_RP_ID !== undefined && origins.length === 0) {
    return [{ variable, fix: `must list the pages of ${rpId} that may use passkeys.` }];
  }
  return [];
}

/** Whether a browser lets a page use passkeys of the domain (Web Authentication, 5.1.3). */
function belongsTo(origin: string, rpId: string): boolean {
  const { protocol, hostname } = new URL(origin);
  if (hostname !== rpId && !hostname.endsWith(`.${rpId}`)) return false;
  return protocol === 'https:' || rpId === 'localhost';
}
