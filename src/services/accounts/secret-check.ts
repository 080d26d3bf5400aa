import { ConfigError } from '../platform/config/config-error.ts';
import type { Database } from '../platform/database.ts';
import { SealBroken, type Sealing } from '../platform/sealing.ts';
import { systemViewer } from '../platform/viewer.ts';
import { bindingOf, readSealed, SEALED_TABLES } from './sealed-rows.ts';

/** Of each table; enough to tell keys that are wrong from a row that is. */
const LOOKED_AT = 5;

/**
 * Refuses to go on with keys that open nothing of what is stored: log-ins with a second factor and
 * everything that needs a secret would fail, one by one, with an answer that says nothing. A few rows
 * that do not open among others that do are told by `cli secrets status`.
 * @throws ConfigError that names VAULT_KEYS
 */
export async function assertSecretsOpen({
  workerDb,
  sealing,
}: {
  readonly workerDb: Database;
  readonly sealing: Sealing;
}): Promise<void> {
  for (const table of SEALED_TABLES) {
    const page = { after: table.beforeAll, limit: LOOKED_AT };
    const rows = await workerDb.snapshot(systemViewer(), (tx) => readSealed(tx, table, page));
    const isOpen = rows.map((row) => {
      try {
        sealing.open(row, bindingOf(table, row));
        return true;
      } catch (error) {
        if (error instanceof SealBroken) return false;
        throw error;
      }
    });
    if (rows.length === 0 || isOpen.includes(true)) continue;
    const keyIds = [...new Set(rows.map(({ keyId }) => `"${keyId}"`))].join(', ');
    const fix =
      `opens nothing of what is stored in ${table.name}, which is sealed with the key ${keyIds}. ` +
      'Give that key, in base64 as it was, behind the one that seals now. ' +
      'See: npm run cli -- secrets status';
    throw new ConfigError([{ variable: 'VAULT_KEYS', fix }]);
  }
}
