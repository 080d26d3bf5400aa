import type { Audit } from '../audit/audit.ts';
import { SealBroken } from '../platform/sealing.ts';
import { systemViewer } from '../platform/viewer.ts';
import {
  bindingOf,
  lockSealedOtherwise,
  SEALED_TABLES,
  writeSealed,
  type SealedRow,
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

const BATCH_ROWS = 100;

/**
 * Seals everything with the newest key that is under another one, beside running servers and other
 * rotations. What is cut off at any point has left rows under either key, and both open; the next
 * one goes on. Throws ConfigError without VAULT_KEYS.
 */
export async function rotateSecrets(ports: SecretRotationPorts): Promise<Rotation> {
  const keyId = ports.sealing.sealingId();
  const tables: RotatedTable[] = [];
  for (const table of SEALED_TABLES) tables.push(await rotateTable(ports, table));
  if (tables.some(({ resealedCount }) => resealedCount > 0)) await record(ports, keyId, tables);
  return { keyId, tables, behindCount: countBehind(await readSecretStatus(ports), keyId) };
}

/** A batch in a transaction; its rows are locked, so that nobody's newer value is written over. */
async function rotateTable(ports: SecretRotationPorts, table: SealedTable): Promise<RotatedTable> {
  const broken: string[] = [];
  let resealedCount = 0;
  for (let after: string | undefined = table.beforeAll; after !== undefined;) {
    const batch: Batch = await rotateBatch(ports, table, after);
    resealedCount += batch.resealedCount;
    broken.push(...batch.broken);
    after = batch.last;
  }
  return { name: table.name, resealedCount, broken };
}

interface Batch extends Omit<RotatedTable, 'name'> {
  /** The key of its last row; undefined when there was none. */
  readonly last: string | undefined;
}

function rotateBatch(
  { workerDb, sealing }: SecretRotationPorts,
  table: SealedTable,
  after: string,
): Promise<Batch> {
  const keyId = sealing.sealingId();
  return workerDb.withViewer(systemViewer(), async (tx) => {
    const found = await lockSealedOtherwise(tx, table, { after, limit: BATCH_ROWS, keyId });
    const rows: SealedRow[] = [];
    const broken: string[] = [];
    for (const row of found) {
      const binding = bindingOf(table, row);
      try {
        rows.push({ ...row, ...sealing.seal(sealing.open(row, binding), binding) });
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error;
        broken.push(row.id);
      }
    }
    await writeSealed(tx, table, { keyId, rows });
    return { last: found.at(-1)?.id, resealedCount: rows.length, broken };
  });
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
