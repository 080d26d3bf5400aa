import { pino } from 'pino';

/** One JSON line a message. Nothing secret and no personal data belongs in `fields`. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  /** Give a caught error as `fields.err`, so that its stack is kept. */
  error(fields: object, message: string): void;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

const SECRETS = [
  ...['password', 'newPassword', 'currentPassword', 'passwordHash', 'accessToken', 'refreshToken'],
  ...['token', 'authorization', 'cookie', 'secret', 'email', 'recipient', 'prompt'],
];
/** Where PostgreSQL shows the row that it refuses, and the values of a statement. */
const ROWS = ['detail', 'where', 'internalQuery', 'parameters'].flatMap((name) => [
  `err.${name}`,
  `err.cause.${name}`,
  `err.meta.driverAdapterError.cause.${name}`,
]);

const SECRET_NAMES: ReadonlySet<string> = new Set(SECRETS);
const GATHERED_MAX_CHARACTERS = 64_000;

/**
 * A logger on standard error, so that standard output is left to what a person reads. The lines of one
 * turn of the event loop are written together, and at once when one tells of an error.
 */
export function createLogger(level: LogLevel): Logger {
  const lines = gather(pino.destination({ dest: 2, sync: true }));
  const redacting = pino(
    {
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: [...SECRETS.flatMap((name) => [name, `*.${name}`]), ...ROWS],
    },
    lines,
  );
  const bare = redacting.child({}, { redact: [] });
  const logFor = (fields: object) => (isBare(fields) ? bare : redacting);
  return {
    info(fields, message) {
      logFor(fields).info(fields, message);
    },
    warn(fields, message) {
      logFor(fields).warn(fields, message);
    },
    error(fields, message) {
      logFor(fields).error(fields, message);
      lines.flush();
    },
  };
}

/** Whether there is nothing to redact; looking at all paths of secrets costs more than the line. */
function isBare(fields: object): boolean {
  return Object.entries(fields).every(
    ([name, value]) => !SECRET_NAMES.has(name) && (typeof value !== 'object' || isTexts(value)),
  );
}

function isTexts(value: unknown): boolean {
  if (value === null) return true;
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function gather(destination: { write(text: string): unknown }) {
  let gathered = '';
  const flush = (): void => {
    if (gathered === '') return;
    const text = gathered;
    gathered = '';
    destination.write(text);
  };
  process.on('exit', flush);
  return {
    flush,
    write(line: string): void {
      if (gathered === '') setImmediate(flush);
      gathered += line;
      if (gathered.length > GATHERED_MAX_CHARACTERS) flush();
    },
  };
}
