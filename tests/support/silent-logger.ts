import type { Logger } from '../../src/services/platform/logger.ts';

export interface LoggedLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

export interface SilentLogger extends Logger {
  readonly lines: LoggedLine[];
  /** The fields of each line. */
  readonly fields: Readonly<Record<string, unknown>>[];
}

/** A logger that keeps its lines for the test to look at. */
export function createSilentLogger(): SilentLogger {
  const lines: LoggedLine[] = [];
  const kept: Record<string, unknown>[] = [];
  const at = (level: LoggedLine['level']) => (fields: object, message: string) => {
    lines.push({ level, message });
    kept.push({ ...fields });
  };
  return { lines, fields: kept, info: at('info'), warn: at('warn'), error: at('error') };
}
