import { ConfigError, type ConfigProblem } from './config-error.ts';

/** Which variable an URL came from; undefined for the embedded database, which nobody configures. */
export type UrlVariable = 'DATABASE_URL' | 'DATABASE_SERVER_URL' | 'DATABASE_WORKER_URL';

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
]);

/**
 * Runs `work`, which uses the database behind `variable`, and turns an error that the variable is
 * to blame for into a ConfigError that says so. Other errors pass as they are.
 */
export async function blaming<T>(
  { variable, url }: { variable: UrlVariable; url: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const fix = fixFor(error, url);
    if (fix === undefined) throw error;
    const problem: ConfigProblem = { variable, fix: `${fix}${orElse(variable)}` };
    throw new ConfigError([problem], { cause: error });
  }
}

function fixFor(error: unknown, url: string): string | undefined {
  const { hostname, port, username, pathname } = new URL(url);
  const place = `${hostname}:${port || '5432'}`;
  const code = codeOf(error);
  if (code !== undefined && UNREACHABLE.has(code)) {
    return `names ${place}, where no database answers (${code}). Start it, or correct the host and port`;
  }
  const message = error instanceof Error ? error.message : '';
  if (message.includes('timeout') && message.includes('connect')) {
    return `names ${place}, where no database answers in time. Correct the host and port`;
  }
  if (message.includes('does not support SSL')) {
    return `asks for TLS, which ${place} does not speak. Drop sslmode from it`;
  }
  switch (code) {
    case '28P01':
    case '28000':
      return `is refused by ${place}: user "${username}" with another password, or none at all. Correct them`;
    case '3D000':
      return `names database "${pathname.slice(1)}", which ${place} does not have. Create it: createdb ${pathname.slice(1)}`;
    case '42501':
      return `connects as "${username}", who lacks a right (${message}). Use the owner of the database, with CREATEROLE`;
    default:
      return undefined;
  }
}

/** The code of an error of the system or of PostgreSQL; several addresses of one host fail together. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string')
    return error.code;
  return undefined;
}

function orElse(variable: UrlVariable): string {
  return variable === 'DATABASE_URL'
    ? '. Development needs none: it runs its own database.'
    : '. "npm run migrate" gives both roles the passwords of their URLs.';
}
