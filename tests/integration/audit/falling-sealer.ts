import { appendFileSync } from 'node:fs';
import { encodeAnchor } from '../../../src/services/audit/anchor.ts';
import { createAnchorFile, type AnchorFile } from '../../../src/services/audit/anchor-file.ts';
import { createSealer } from '../../../src/services/audit/sealer.ts';
import { createKeyring } from '../../../src/services/audit/keyring.ts';
import { systemClock } from '../../../src/services/platform/clock.ts';
import { createDatabase } from '../../../src/services/platform/database.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

/**
 * A sealer that is killed at a point of its work, as by a loss of power: `node falling-sealer.ts URL
 * FILE POINT`. It seals one batch of four, and dies before the anchor or in the middle of its line.
 */
const [url = '', file = '', point = ''] = process.argv.slice(2);
const patience = { acquireTimeoutMs: 25_000, transactionTimeoutMs: 25_000 };

const anchors: AnchorFile = {
  ...createAnchorFile(file),
  append(anchor) {
    const line = encodeAnchor(anchor);
    if (point === 'in the anchor') appendFileSync(file, line.slice(0, line.length / 2));
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => undefined);
  },
};

const workerDb = createDatabase({ ...patience, url, poolSize: 1, statementTimeoutMs: 25_000 });
await createSealer({
  ...{ workerDb, anchors, clock: systemClock, timers: systemTimers, log: createSilentLogger() },
  keyring: createKeyring([{ id: 'one', secret: Buffer.alloc(32, 'one') }]),
  ...{ intervalMs: 1_000, batchSize: 4 },
}).seal();
