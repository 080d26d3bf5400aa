import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLogIndexer } from '../../../src/services/agents/log-indexer.ts';
import type { Database } from '../../../src/services/platform/database.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';
import { until } from '../../support/until.ts';
import { createHouse } from './house.ts';

const house = await createHouse();
const { agentLog, database, ids, models } = house;
let model: Awaited<ReturnType<typeof models.create>>;

beforeAll(async () => {
  const ada = await house.addUser();
  for (const symbol of ['AAA.SIM', 'BBB.SIM']) await house.addInstrument({ symbol });
  model = await models.create(ada.viewer(), house.settings());
});
beforeEach(async () => {
  await database.query('UPDATE agent_log SET is_indexed = true');
});

/** As many lines of a run of its own. */
async function write(count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, sequence) => ({
    ...{ sequence, kind: 'ASSISTANT' as const },
    content: `line ${String(sequence)}`,
  }));
  const at = new Date('2026-01-02T00:00:00Z');
  await database.worker.withViewer(systemViewer(), (tx) =>
    agentLog.append(tx, { model, runId: ids.next(), date: at, occurredAt: at, lines }),
  );
}

const waiting = async (): Promise<number> => {
  const rows = await database.query('SELECT id FROM agent_log WHERE NOT is_indexed');
  return rows.length;
};

/** An indexer whose way to the database the test may close, or keep waiting. */
function createIndexer() {
  const { timers, advance } = createManualTime(new Date(0));
  const logger = createSilentLogger();
  const gate = { rounds: 0, before: () => Promise.resolve() };
  const workerDb: Database = {
    ...database.worker,
    withViewer: async (viewer, work) => {
      gate.rounds += 1;
      await gate.before();
      return database.worker.withViewer(viewer, work);
    },
  };
  return { ...createLogIndexer({ workerDb, logger, timers }), advance, gate, logger };
}

describe('the indexer of logs', () => {
  test('indexes a batch, or all that is left', async () => {
    const { index, indexAll, gate } = createIndexer();
    await write(450);
    expect(await index()).toBe(200);
    // 450 − 200 = 250 lines: a batch of 200, and one of 50 that ends it.
    expect(await indexAll()).toBe(250);
    expect(gate.rounds).toBe(3);
    expect(await waiting()).toBe(0);
    expect(await indexAll()).toBe(0);
  });

  test('works each second, until nothing is left', async () => {
    const { start, stop, advance, gate } = createIndexer();
    await write(201);
    start();
    advance(999);
    expect(gate.rounds).toBe(0);
    advance(1);
    await until('all lines indexed', async () => (await waiting()) === 0);
    await write(1);
    // Until the first work has ended, a second is let pass without another.
    await until('the line that came later indexed', async () => {
      advance(1_000);
      return (await waiting()) === 0;
    });
    await stop();
  });

  test('waits for what is under way when it is stopped, and does no more', async () => {
    const { start, stop, advance, gate } = createIndexer();
    const held = Promise.withResolvers<undefined>();
    gate.before = () => held.promise;
    await write(450);
    start();
    // The second time finds it at work.
    advance(2_000);
    expect(gate.rounds).toBe(1);
    let isStopped = false;
    const stopped = stop().then(() => {
      isStopped = true;
    });
    expect(await waiting()).toBe(450);
    expect(isStopped).toBe(false);
    held.resolve(undefined);
    await stopped;
    // The batch that was under way is done, the next was not begun.
    expect(await waiting()).toBe(250);
    advance(10_000);
    expect(gate.rounds).toBe(1);
  });

  test('says once that a round failed, and tries again in the next', async () => {
    const { start, stop, advance, gate, logger } = createIndexer();
    const failure = new Error('The database is gone.');
    gate.before = () => Promise.reject(failure);
    await write(3);
    start();
    advance(1_000);
    await until('a failure said', () => logger.lines.length > 0);
    expect(logger.lines).toEqual([
      { level: 'error', message: 'The words of logs could not be indexed.' },
    ]);
    expect(logger.fields).toEqual([{ err: failure }]);
    expect({ rounds: gate.rounds, waiting: await waiting() }).toEqual({ rounds: 1, waiting: 3 });
    gate.before = () => Promise.resolve();
    advance(1_000);
    await until('the lines indexed', async () => (await waiting()) === 0);
    await stop();
    expect(logger.lines).toHaveLength(1);
  });
});
