import { beforeAll, describe, expect, test } from 'vitest';
import { parseAgentLogged } from '../../../src/services/agents/events.ts';
import type { NewLogLine } from '../../../src/services/agents/agent-log.ts';
import type { Visibility } from '../../../src/services/platform/prisma/enums.ts';
import { Forbidden } from '../../../src/services/platform/errors.ts';
import { anonymousViewer, systemViewer } from '../../../src/services/platform/viewer.ts';
import { createHouse } from './house.ts';

const house = await createHouse();
const { agentLog, database, ids, models } = house;
const FIRST = new Date('2026-01-01T00:00:00Z');
const SECOND = new Date('2026-01-02T00:00:00Z');
let ada: Awaited<ReturnType<typeof house.addUser>>;
let bob: Awaited<ReturnType<typeof house.addUser>>;

beforeAll(async () => {
  ada = await house.addUser();
  bob = await house.addUser();
  for (const symbol of ['AAA.SIM', 'BBB.SIM']) await house.addInstrument({ symbol });
});

const addModel = (visibility: Visibility = 'PRIVATE', logVisibility: Visibility = 'PRIVATE') =>
  models.create(ada.viewer(), house.settings({ visibility, logVisibility }));
const line = (sequence: number, content = `line ${sequence}`): NewLogLine => ({
  sequence,
  kind: 'ASSISTANT',
  content,
});
const write = (
  model: { id: string; ownerId: string },
  lines: readonly NewLogLine[],
  { runId = ids.next(), date = FIRST, occurredAt = new Date('2026-01-01T12:00:00Z') } = {},
) =>
  database.worker.withViewer(systemViewer(), (tx) =>
    agentLog.append(tx, { model, runId, date, occurredAt, lines }),
  );
const contentsOf = async (...ask: Parameters<typeof agentLog.list>) =>
  (await agentLog.list(...ask)).map(({ content }) => content);

describe('writing the log of a model', () => {
  test('keeps the order of a run and tells each line to its owner', async () => {
    const model = await addModel();
    const runId = ids.next();
    const data = { action: 'BUY', nested: [1, { deep: null }] };
    const written = await write(model, [line(0), { ...line(1), kind: 'DECISION', data }], {
      runId,
    });
    expect(written).toMatchObject([
      { modelId: model.id, ownerId: ada.id, runId, sequence: 0, data: null, date: FIRST },
      { modelId: model.id, ownerId: ada.id, runId, sequence: 1, data, kind: 'DECISION' },
    ]);
    const events = (await house.eventsOf(model.id)).slice(1);
    expect(events).toMatchObject([
      { owner_id: ada.id, type: 'AgentLogged', version: 1 },
      { owner_id: ada.id, type: 'AgentLogged', version: 1 },
    ]);
    expect(events.map((event) => parseAgentLogged(event['payload']))).toEqual(written);
  });

  test('writes and tells a place in a run once', async () => {
    const model = await addModel();
    const runId = ids.next();
    await write(model, [line(0), line(1)], { runId });
    const again = await write(model, [line(1, 'other'), line(2)], { runId });
    expect(again.map(({ sequence }) => sequence)).toEqual([2]);
    expect(await contentsOf(ada.viewer(), {}, { modelId: model.id })).toEqual([
      ...['line 2', 'line 1', 'line 0'],
    ]);
    expect((await house.eventsOf(model.id)).slice(1)).toHaveLength(3);
  });

  test('is not for the server', async () => {
    const model = await addModel();
    const before = await house.state();
    const asServer = database.server.withViewer(ada.viewer(), (tx) =>
      agentLog.append(tx, {
        ...{ model, runId: ids.next(), date: FIRST, occurredAt: FIRST, lines: [line(0)] },
      }),
    );
    await expect(asServer).rejects.toThrow(/permission denied/);
    expect(await house.state()).toEqual(before);
  });
});

describe('reading the log of a model', () => {
  test('goes by day, newest first, and by pages', async () => {
    const model = await addModel();
    await write(model, [line(0, 'a'), line(1, 'b')]);
    await write(model, [line(0, 'c')], {
      date: SECOND,
      occurredAt: new Date('2026-01-02T12:00:00Z'),
    });
    const modelId = model.id;
    expect(await contentsOf(ada.viewer(), {}, { modelId })).toEqual(['c', 'b', 'a']);
    expect(await contentsOf(ada.viewer(), {}, { modelId, date: FIRST })).toEqual(['b', 'a']);
    expect(await contentsOf(ada.viewer(), {}, { modelId, date: SECOND })).toEqual(['c']);
    expect(await agentLog.count(ada.viewer(), { modelId, date: FIRST })).toBe(2);
    const [newest] = await agentLog.list(ada.viewer(), { take: 1 }, { modelId });
    const after = { cursor: { id: newest?.id ?? '' }, skip: 1, take: 1 };
    expect(await contentsOf(ada.viewer(), after, { modelId })).toEqual(['b']);
  });

  test.each([
    ['PRIVATE', 'PRIVATE', []],
    ['PRIVATE', 'PUBLIC', []],
    ['PUBLIC', 'PRIVATE', []],
    ['PUBLIC', 'PUBLIC', ['line 0']],
  ] as const)(
    'of a %s model with a %s log shows others %j',
    async (visibility, logVisibility, seen) => {
      const model = await addModel(visibility, logVisibility);
      await write(model, [line(0)]);
      const filter = { modelId: model.id };
      expect(await contentsOf(ada.viewer(), {}, filter)).toEqual(['line 0']);
      const admin = await house.addUser('ADMIN');
      for (const viewer of [bob.viewer(), anonymousViewer(), admin.viewer()]) {
        expect(await contentsOf(viewer, {}, filter)).toEqual(seen);
        expect(await agentLog.count(viewer, filter)).toBe(seen.length);
      }
      const all = { ...filter, scope: 'ALL' } as const;
      expect(await contentsOf(admin.viewer(), {}, all)).toEqual(['line 0']);
      await expect(contentsOf(bob.viewer(), {}, all)).rejects.toThrow(Forbidden);
      // With the service's filter out of the way, row-level security shows the same.
      const raw = await database.server.snapshot(bob.viewer(), (tx) =>
        tx.agentLogEntry.findMany({ where: { modelId: model.id } }),
      );
      expect(raw.map(({ content }) => content)).toEqual(seen);
    },
  );

  test('takes a selection that narrows, and never one that widens', async () => {
    const [hidden, shown] = [await addModel(), await addModel('PUBLIC', 'PUBLIC')];
    await write(hidden, [line(0)]);
    const selection = { where: { modelId: hidden.id } };
    expect(await contentsOf(bob.viewer(), selection, { modelId: shown.id })).toEqual([]);
    expect(await contentsOf(bob.viewer(), selection, { modelId: hidden.id })).toEqual([]);
  });
});
