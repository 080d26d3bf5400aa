import type { Audit } from '../audit/audit.ts';
import { SealBroken } from '../platform/sealing.ts';
import { systemViewer } from '../platform/viewer.ts';
import {
  readSealed,
  reseal,
  SEALED_TABLES,
  type PageOfRows,
  type SealedTable,
} from './sealed-rows.ts';
import { countBehind, readSecretStatus, type SecretStatusPorts } from './secret-status.ts';

export interface SecretRotationPorts extends SecretStatusPorts {
  readonly audit: Audit;
}

export interface RotatedTable {
  readonly name: string;
  readonly resealedCount: number;
  /** Keys of the rows that do not open; they are as they were. */
  readonly broken: readonly string[];
}

export interface Rotation {
  /** The key that everything is under now. */
  readonly keyId: string;
  readonly tables: readonly RotatedTable[];
  /** Rows that open and are under another key again: somebody seals with an older one still. */
  readonly behindCount: number;
}

const BATCH_ROWS = 200;

/**
 * Seals everything with the newest key that is under another one, beside running servers and other
 * rotations. What is cut off at any point has left rows under either key, and both open; the next one
 * goes on. Throws ConfigError without VAULT_KEYS.
 */
export async function rotateSecrets(ports: SecretRotationPorts): Promise<Rotation> {
  const keyId = ports.sealing.sealingId();
  const tables: RotatedTable[] = [];
  for (const table of SEALED_TABLES) tables.push(await rotateTable(ports, table));
  if (tables.some(({ resealedCount }) => resealedCount > 0)) await record(ports, keyId, tables);
  return { keyId, tables, behindCount: countBehind(await readSecretStatus(ports), keyId) };
}

/**
 * A batch in a transaction, and each row only if it still is what was read: a server that stores another
 * value meanwhile has the last word.
 */
async function rotateTable(
  { workerDb, sealing }: SecretRotationPorts,
  table: SealedTable,
): Promise<RotatedTable> {
  const broken: string[] = [];
  let resealedCount = 0;
  for (let after: string | undefined = table.beforeAll; after !== undefined;) {
    const page: PageOfRows = { after, limit: BATCH_ROWS, except: sealing.sealingId() };
    const batch = await workerDb.withViewer(systemViewer(), async (tx) => {
      const rows = await readSealed(tx, table, page);
      const failed: string[] = [];
      let count = 0;
      for (const row of rows) {
        try {
          if (await reseal(tx, sealing, { in: table, row })) count += 1;
        } catch (error) {
          if (!(error instanceof SealBroken)) throw error;
          failed.push(row.id);
        }
      }
      return { last: rows.at(-1)?.id, count, failed };
    });
    resealedCount += batch.count;
    broken.push(...batch.failed);
    after = batch.last;
  }
  return { name: table.name, resealedCount, broken };
}

async function record(
  { workerDb, audit }: SecretRotationPorts,
  keyId: string,
  tables: readonly RotatedTable[],
): Promise<void> {
  const viewer = systemViewer();
  const counts = tables.map(({ name, resealedCount }) => [name, resealedCount] as const);
  await workerDb.withViewer(viewer, (tx) =>
    audit.record(tx, viewer, {
      action: 'secrets.rotated',
      targetType: 'Vault',
      targetId: keyId,
      after: Object.fromEntries(counts),
    }),
  );
}
