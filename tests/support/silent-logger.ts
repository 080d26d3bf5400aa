import type { Logger } from '../../src/services/platform/logger.ts';

export interface LoggedLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

/** A logger that keeps its lines for the test to look at. */
export function createSilentLogger(): Logger & { readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const at = (level: LoggedLine['level']) => (_fields: object, message: string) =>
    void lines.push({ level, message });
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}
