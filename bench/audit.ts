/**
 * What the chain of the audit log costs: how many records a second are written with it and without it,
 * sealed, and verified, each beside a floor; and what memory that takes.
 *
 *     node bench/audit.ts [records]
 */
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Client } from 'pg';
import { openBenchCluster } from './bench-cluster.ts';
import { createAnchorFile } from '../src/services/audit/anchor-file.ts';
import { createKeyring } from '../src/services/audit/keyring.ts';
import { createSealer } from '../src/services/audit/sealer.ts';
import { verifyAuditLog } from '../src/services/audit/verification.ts';
import { systemClock } from '../src/services/platform/clock.ts';
import { createDatabase } from '../src/services/platform/database.ts';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import { systemTimers } from '../src/services/platform/timers.ts';
import { createSilentLogger } from '../tests/support/silent-logger.ts';

const SINGLE_WRITES = 2_000;
const WRITE_ROUNDS = 3;
const MEBIBYTE = 1024 * 1024;
const PATIENCE = {
  acquireTimeoutMs: 60_000,
  transactionTimeoutMs: 600_000,
  statementTimeoutMs: 600_000,
};
const INSERT = `INSERT INTO audit_records (id, occurred_at, actor_id, action, target_type, target_id,
    before, after, address, user_agent, request_id)
  SELECT uuidv7(), clock_timestamp(), gen_random_uuid(), 'model.updated', 'Model',
    gen_random_uuid()::text, '{"name": "Momentum", "version": 1, "universe": ["ACME.SIM"]}',
    '{"name": "Momentum", "version": 2, "universe": ["ACME.SIM", "BORE.SIM"]}', '192.0.2.7',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', gen_random_uuid()::text
  FROM generate_series(1, $1)`;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const [records = 100_000] = process.argv.slice(2).map(Number);
const cluster = await openBenchCluster();
try {
  await run();
} finally {
  await cluster.close();
}

async function run(): Promise<void> {
  const owner = new Client({ connectionString: cluster.ownerUrl });
  await owner.connect();
  const workerUrl = roleUrl(cluster.ownerUrl, 'tradegraph_worker');
  const workerDb = createDatabase({ ...PATIENCE, url: workerUrl, poolSize: 2 });
  const keyring = createKeyring([{ id: 'bench', secret: Buffer.alloc(32, 1) }]);
  const anchors = createAnchorFile(join(cluster.folder, 'anchors.jsonl'));
  const sealer = createSealer({
    ...{ workerDb, keyring, anchors, clock: systemClock, timers: systemTimers },
    ...{ log: createSilentLogger(), intervalMs: 1_000 },
  });

  await compareWrites(owner);
  await owner.query(INSERT, [records]);
  await owner.query('VACUUM ANALYZE audit_records');
  const total = records + 2 * WRITE_ROUNDS * SINGLE_WRITES;
  say('sealed', total, await timed(() => sealer.seal()));
  say('  floor: a copy of the seals', total, await timed(() => copySeals(owner)));

  let peakBytes = 0;
  const onProgress = (): void => {
    collect();
    peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed);
  };
  onProgress();
  const restBytes = peakBytes;
  let verdict = '';
  const verifiedMs = await timed(async () => {
    const verification = await verifyAuditLog({ workerDb, keyring, anchors, from: 1n, onProgress });
    verdict = verification?.verdict ?? 'nothing';
  });
  say(`verified (${verdict})`, total, verifiedMs);
  say('  floor: the rows alone', total, await timed(() => readRows(owner)));
  const grownMebibytes = ((peakBytes - restBytes) / MEBIBYTE).toFixed(1);
  process.stdout.write(`heap of the verification, above rest: ${grownMebibytes} MiB\n`);
  await Promise.all([workerDb.close(), owner.end()]);
}

/** One record a transaction, in turns with and without the trigger that queues it. */
async function compareWrites(owner: Client): Promise<void> {
  let [queuedMs, plainMs] = [0, 0];
  const write = async () => {
    for (let done = 0; done < SINGLE_WRITES; done += 1) await owner.query(INSERT, [1]);
  };
  for (let round = 0; round < WRITE_ROUNDS; round += 1) {
    queuedMs += await timed(write);
    await owner.query('ALTER TABLE audit_records DISABLE TRIGGER queue_for_sealing');
    plainMs += await timed(write);
    await owner.query('ALTER TABLE audit_records ENABLE TRIGGER queue_for_sealing');
  }
  say('written, one a transaction', WRITE_ROUNDS * SINGLE_WRITES, queuedMs);
  say('  floor: without the queue', WRITE_ROUNDS * SINGLE_WRITES, plainMs);
}

async function copySeals(owner: Client): Promise<void> {
  await owner.query('CREATE TABLE copied (LIKE audit_seals INCLUDING ALL)');
  await owner.query('INSERT INTO copied SELECT * FROM audit_seals');
}

async function readRows(owner: Client): Promise<void> {
  await owner.query('BEGIN');
  await owner.query(`DECLARE links CURSOR FOR SELECT * FROM audit_seals s
    JOIN audit_records r ON r.id = s.record_id ORDER BY s.sequence`);
  for (;;) {
    const { rowCount } = await owner.query('FETCH 5000 FROM links');
    if (!rowCount) break;
  }
  await owner.query('COMMIT');
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

function say(what: string, count: number, ms: number): void {
  const rate = Math.round((count / ms) * 1_000).toLocaleString('en-US');
  process.stdout.write(`${what.padEnd(32)}${rate.padStart(9)} a second\n`);
}
