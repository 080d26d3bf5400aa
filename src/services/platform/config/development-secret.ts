import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';

/** What development makes for itself: where it is kept, and the variable that would give it. */
const SECRETS = {
  jwtSecret: { fileName: 'secrets.json', variable: 'JWT_SECRET' },
  auditKey: { fileName: 'audit-key.json', variable: 'AUDIT_KEYS' },
  vaultKey: { fileName: 'vault-key.json', variable: 'VAULT_KEYS' },
} as const;

export type DevelopmentSecret = keyof typeof SECRETS;

const SECRET = z.string().min(32);
const OWNER_ONLY = 0o600;

/**
 * A secret of this machine, made once and kept in a file of the data directory, readable by its owner
 * alone. Two programs that start at once get the same one.
 */
export function developmentSecret(
  dataDirectory: string,
  name: DevelopmentSecret = 'jwtSecret',
): string {
  const kept = read(dataDirectory, name);
  if (kept) return kept;
  mkdirSync(dataDirectory, { recursive: true });
  const file = path.join(dataDirectory, SECRETS[name].fileName);
  const draft = `${file}.${process.pid}`;
  const secret = randomBytes(48).toString('base64url');
  writeFileSync(draft, `${JSON.stringify({ [name]: secret })}\n`, { mode: OWNER_ONLY });
  try {
    // A link, unlike a rename, fails when another program was first; then its file counts.
    linkSync(draft, file);
  } catch (error) {
    if (!isFileError(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return read(dataDirectory, name) ?? secret;
}

function read(dataDirectory: string, name: DevelopmentSecret): string | undefined {
  const { fileName, variable } = SECRETS[name];
  const file = path.join(dataDirectory, fileName);
  try {
    return z.object({ [name]: SECRET }).parse(JSON.parse(readFileSync(file, 'utf8')))[name];
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    const fix = `cannot be read from ${file}. Delete that file, or set ${variable}.`;
    throw new ConfigError([{ variable, fix }]);
  }
}

function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
