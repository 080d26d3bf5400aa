import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import type { Settings } from './config.ts';
import { developmentSecret } from './development-secret.ts';
import { parseSettings, type Purpose } from './settings.ts';

/**
 * Reads the settings of this process: its environment, and `.env` in `rootDirectory` for what the
 * environment leaves open. This is the only place that looks at `process.env`.
 * @throws ConfigError that names every wrong variable at once
 */
export function loadSettings(options: { rootDirectory: string; purpose: Purpose }): Settings {
  return parseSettings({
    variables: { ...readEnvFile(options.rootDirectory), ...process.env },
    ...options,
    developmentSecret,
  });
}

function readEnvFile(rootDirectory: string): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(path.join(rootDirectory, '.env'), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}
