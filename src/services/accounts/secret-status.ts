import type { Database } from '../platform/database.ts';
import { SealBroken, type Sealing } from '../platform/sealing.ts';
import { systemViewer } from '../platform/viewer.ts';
import {
  bindingOf,
  readSealed,
  SEALED_TABLES,
  type PageOfRows,
  type SealedRow,
  type SealedTable,
} from './sealed-rows.ts';

export interface SecretStatusPorts {
  readonly workerDb: Database;
  readonly sealing: Sealing;
}

export interface TableStatus {
  readonly name: string;
  /** How many rows open, by the key that they are under. */
  readonly byKey: ReadonlyMap<string, number>;
  /** Keys of the rows that do not. */
  readonly broken: readonly string[];
}

const BATCH_ROWS = 500;

/** What is sealed with which key, and what does not open: every row of every table is tried. */
export async function readSecretStatus(ports: SecretStatusPorts): Promise<TableStatus[]> {
  const tables: TableStatus[] = [];
  for (const table of SEALED_TABLES) tables.push(await statusOf(ports, table));
  return tables;
}

/** How many rows open and are under another key. */
export function countBehind(tables: readonly TableStatus[], keyId: string): number {
  const others = tables.flatMap(({ byKey }) => [...byKey].filter(([id]) => id !== keyId));
  return others.reduce((sum, [, count]) => sum + count, 0);
}

async function statusOf(
  { workerDb, sealing }: SecretStatusPorts,
  table: SealedTable,
): Promise<TableStatus> {
  const byKey = new Map<string, number>();
  const broken: string[] = [];
  for (let after: string | undefined = table.beforeAll; after !== undefined;) {
    const page: PageOfRows = { after, limit: BATCH_ROWS };
    const rows = await workerDb.snapshot(systemViewer(), (tx) => readSealed(tx, table, page));
    for (const row of rows) {
      if (opens(sealing, table, row)) byKey.set(row.keyId, (byKey.get(row.keyId) ?? 0) + 1);
      else broken.push(row.id);
    }
    after = rows.at(-1)?.id;
  }
  return { name: table.name, byKey, broken };
}

function opens(sealing: Sealing, table: SealedTable, row: SealedRow): boolean {
  try {
    sealing.open(row, bindingOf(table, row));
    return true;
  } catch (error) {
    if (error instanceof SealBroken) return false;
    throw error;
  }
}
