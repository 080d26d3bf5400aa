import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';

const SECRETS = z.object({ jwtSecret: z.string().min(32) });
const OWNER_ONLY = 0o600;

/**
 * The JWT secret of this machine, made once and kept in `secrets.json` of the data directory,
 * readable by its owner alone. Two programs that start at once get the same one.
 */
export function developmentSecret(dataDirectory: string): string {
  const file = path.join(dataDirectory, 'secrets.json');
  const kept = read(file);
  if (kept) return kept;
  mkdirSync(dataDirectory, { recursive: true });
  const draft = `${file}.${process.pid}`;
  const secrets = { jwtSecret: randomBytes(48).toString('base64url') };
  writeFileSync(draft, `${JSON.stringify(secrets)}\n`, { mode: OWNER_ONLY });
  try {
    // A link, unlike a rename, fails when another program was first; then its file counts.
    linkSync(draft, file);
  } catch (error) {
    if (!isFileError(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return read(file) ?? secrets.jwtSecret;
}

function read(file: string): string | undefined {
  try {
    return SECRETS.parse(JSON.parse(readFileSync(file, 'utf8'))).jwtSecret;
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    const fix = `cannot be read from ${file}. Delete that file, or set JWT_SECRET.`;
    throw new ConfigError([{ variable: 'JWT_SECRET', fix }]);
  }
}

function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
