import type { ConfigProblem } from './config-error.ts';
import type { Purpose } from './settings.ts';
import { MAKE_SECRET } from './variable-kinds.ts';

/** A secret of one repeated letter is as long as it likes and protects nothing. */
const SECRET_MIN_DISTINCT_CHARACTERS = 8;
const PLACEHOLDER = /change[-_ ]?me/i;

const REQUIRED_URLS: Record<Purpose, readonly string[]> = {
  server: ['DATABASE_SERVER_URL', 'DATABASE_WORKER_URL'],
  operator: ['DATABASE_URL'],
};

/** What production refuses and development forgives: missing URLs, missing or weak secrets. */
export function productionProblems(
  variables: Readonly<Record<string, string | undefined>>,
  purpose: Purpose,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const variable of purpose === 'server' ? requiredSecrets(variables) : []) {
    const fix = secretFix(variables[variable]);
    if (fix) problems.push({ variable, fix });
  }
  for (const variable of REQUIRED_URLS[purpose]) {
    const fix = urlFix(variables[variable]);
    if (fix) problems.push({ variable, fix });
  }
  return problems;
}

/** Access tokens are signed with JWT_KEYS or JWT_SECRET, and beside the first the second is an old key. */
function requiredSecrets({
  JWT_KEYS: keys,
  JWT_SECRET: secret,
}: Readonly<Record<string, string | undefined>>): string[] {
  return [
    ...(secret !== undefined || keys === undefined ? ['JWT_SECRET'] : []),
    ...(keys !== undefined ? ['JWT_KEYS'] : []),
    'AUDIT_KEYS',
    'VAULT_KEYS',
  ];
}

function secretFix(secret: string | undefined): string | undefined {
  if (secret === undefined) return `is not set, and production needs it. ${MAKE_SECRET}`;
  if (PLACEHOLDER.test(secret)) return `still holds the placeholder. ${MAKE_SECRET}`;
  if (new Set(secret).size < SECRET_MIN_DISTINCT_CHARACTERS) {
    return `repeats the same few characters. ${MAKE_SECRET}`;
  }
  return undefined;
}

function urlFix(url: string | undefined): string | undefined {
  if (url === undefined) {
    return 'is not set, and production needs it: postgresql://user:password@host:5432/database';
  }
  if (PLACEHOLDER.test(url)) return 'still holds the placeholder password. Set the real one.';
  return undefined;
}
