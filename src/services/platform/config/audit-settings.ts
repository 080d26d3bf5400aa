import path from 'node:path';
import type { AuditConfig } from './config.ts';
import type { Variables } from './variables.ts';

interface AuditSources {
  readonly values: Variables;
  readonly rootDirectory: string;
  readonly dataDirectory: string;
  /** The key of this machine in development; undefined in production, which is given its keys. */
  readonly developmentKey: (() => string) | undefined;
}

/** The keys and the file of anchors of the audit log's chain. */
export function auditSettings(sources: AuditSources): AuditConfig {
  const { values, rootDirectory, dataDirectory, developmentKey } = sources;
  const { AUDIT_KEYS: keys, AUDIT_ANCHOR_FILE: file } = values;
  return {
    keys: keys ?? (developmentKey ? [ownKey(developmentKey())] : []),
    anchorFile: file
      ? path.resolve(rootDirectory, file)
      : path.join(dataDirectory, 'audit', fileNameFor(values)),
    sealIntervalMs: values.AUDIT_SEAL_INTERVAL_SECONDS * 1000,
  };
}

const ownKey = (secret: string) => ({ id: 'development', secret: Buffer.from(secret) });

/**
 * Anchors belong to one database. Whoever changes DATABASE_URL and keeps the data directory must not
 * be told that the other database was tampered with, so a database that is not the embedded one has
 * a file of its name.
 */
function fileNameFor({ DATABASE_URL: owner, DATABASE_WORKER_URL: worker }: Variables): string {
  const url = worker ?? owner;
  if (url === undefined) return 'anchors.jsonl';
  const name = decodeURIComponent(new URL(url).pathname).replaceAll(/[^\w.-]/g, '');
  return `anchors-${name}.jsonl`;
}
