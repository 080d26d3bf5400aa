import type { ConfigProblem } from './config-error.ts';
import type { Purpose } from './settings.ts';
import type { Variables } from './variables.ts';

const SECRET_MIN_BYTES = 32;
/** A secret of one repeated letter is as long as it likes and protects nothing. */
const SECRET_MIN_DISTINCT_CHARACTERS = 8;
const PLACEHOLDER = /change[-_ ]?me/i;
const GENERATE = `Make one with: node -p "crypto.randomBytes(48).toString('base64url')"`;

const REQUIRED_URLS = {
  server: ['DATABASE_SERVER_URL', 'DATABASE_WORKER_URL'],
  operator: ['DATABASE_URL'],
} as const satisfies Record<Purpose, readonly (keyof Variables)[]>;

/** What production refuses and development forgives: missing URLs, missing or weak secrets. */
export function productionProblems(values: Variables, purpose: Purpose): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (purpose === 'server') {
    const fix = secretFix(values.JWT_SECRET);
    if (fix) problems.push({ variable: 'JWT_SECRET', fix });
  }
  for (const variable of REQUIRED_URLS[purpose]) {
    const fix = urlFix(values[variable]);
    if (fix) problems.push({ variable, fix });
  }
  return problems;
}

function secretFix(secret: string | undefined): string | undefined {
  if (secret === undefined) return `is not set, and production needs it. ${GENERATE}`;
  if (PLACEHOLDER.test(secret)) return `still holds the placeholder. ${GENERATE}`;
  if (Buffer.byteLength(secret) < SECRET_MIN_BYTES) {
    return `is shorter than ${SECRET_MIN_BYTES} bytes. ${GENERATE}`;
  }
  if (new Set(secret).size < SECRET_MIN_DISTINCT_CHARACTERS) {
    return `repeats the same few characters. ${GENERATE}`;
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
