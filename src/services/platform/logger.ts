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

/** A logger on standard error, so that standard output is left to what a person reads. */
export function createLogger(level: LogLevel): Logger {
  return pino(
    {
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: [...SECRETS.flatMap((name) => [name, `*.${name}`]), ...ROWS],
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
