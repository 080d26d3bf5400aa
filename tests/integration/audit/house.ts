import { randomUUID } from 'node:crypto';
import { createAnchorFile } from '../../../src/services/audit/anchor-file.ts';
import { createAudit } from '../../../src/services/audit/audit.ts';
import { createKeyring, type Keyring } from '../../../src/services/audit/keyring.ts';
import { createSealer, type Sealer, type SealerPorts } from '../../../src/services/audit/sealer.ts';
import { verifyAuditLog, type Verification } from '../../../src/services/audit/verification.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { freshAnchorFile } from '../../support/anchor-file.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

const START = '2026-03-01T12:00:00.123Z';

export type AuditHouse = Awaited<ReturnType<typeof createAuditHouse>>;

export const keyringOf = (...ids: readonly string[]): Keyring =>
  createKeyring(ids.map((id) => ({ id, secret: Buffer.alloc(32, id) })));

/** An audit log on a database of its own, with a key and a file of anchors. */
export async function createAuditHouse() {
  const database = await createTestDatabase();
  const clock = createFixedClock(START);
  const ids = createIds(clock, randomBytes);
  const audit = createAudit({ clock, ids });
  const anchorPath = freshAnchorFile();
  const anchors = createAnchorFile(anchorPath);
  const log = createSilentLogger();
  const { worker: workerDb, query } = database;

  const sealerWith = (changed: Partial<SealerPorts> = {}): Sealer =>
    createSealer({
      ...{ workerDb, clock, timers: systemTimers, keyring: keyringOf('one'), anchors, log },
      ...{ intervalMs: 1_000, batchSize: 4 },
      ...changed,
    });
  const verify = async (changed: { keyring?: Keyring; from?: bigint } = {}) => {
    const ports = { workerDb, anchors, keyring: keyringOf('one'), from: 1n, ...changed };
    const verification = await verifyAuditLog(ports);
    if (!verification) throw new Error('There is nothing to begin with.');
    return verification;
  };

  return {
    ...{ database, clock, ids, audit, anchors, anchorPath, log, sealerWith, verify, query },
    /** Writes that many records, each a second after the one before, with something in every column. */
    async record(count: number): Promise<void> {
      for (let index = 0; index < count; index += 1) {
        clock.advance(1);
        const viewer = userViewer(
          { userId: randomUUID(), role: 'USER' },
          { address: '192.0.2.7', userAgent: 'tests', requestId: ids.next() },
        );
        await workerDb.withViewer(viewer, (tx) =>
          audit.record(tx, viewer, {
            ...{ action: 'model.updated', targetType: 'Model', targetId: randomUUID() },
            before: { version: index, share: 0.1 },
            after: { version: index + 1, share: 0.2, universe: ['Ä', '"quoted"'] },
          }),
        );
      }
    },
    /** As the superuser who gets past every wall. */
    async tamper(...statements: readonly string[]): Promise<void> {
      await query('SET session_replication_role = replica');
      try {
        for (const statement of statements) await query(statement);
      } finally {
        await query('SET session_replication_role = origin');
      }
    },
    /** What a verification says is broken, in one line. */
    async breakage(changed?: Parameters<typeof verify>[0]): Promise<string> {
      return lineOf(await verify(changed));
    },
    async recordAt(sequence: number): Promise<string> {
      const [row] = await query<{ id: string }>(
        'SELECT record_id::text AS id FROM audit_seals WHERE sequence = $1',
        [sequence],
      );
      if (!row) throw new Error('There is no such seal.');
      return row.id;
    },
  };
}

function lineOf({ verdict, finding }: Verification): string {
  if (!finding) return verdict;
  return `${verdict} ${finding.breakage} at ${String(finding.sequence)}`;
}
