import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createLogIndexer } from '../../../src/services/agents/log-indexer.ts';
import { InvalidInput } from '../../../src/services/platform/errors.ts';
import type { Visibility } from '../../../src/services/platform/prisma/enums.ts';
import { systemTimers } from '../../../src/services/platform/timers.ts';
import {
  anonymousViewer,
  systemViewer,
  userViewer,
  type Viewer,
} from '../../../src/services/platform/viewer.ts';
import {
  answeredOrRefused,
  hostileSearch,
  LONGEST_SEARCHES,
} from '../../support/hostile-search.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';
import { createHouse } from './house.ts';

const house = await createHouse();
const { agentLog, database, ids, models } = house;
const indexer = createLogIndexer({
  workerDb: database.worker,
  logger: createSilentLogger(),
  timers: systemTimers,
});
const FIRST_PAGE = { limit: 20, isBackward: false };
type Person = Awaited<ReturnType<typeof house.addUser>>;
type Model = Awaited<ReturnType<typeof models.create>>;
let ada: Person;
let bob: Person;
let model: Model;

beforeAll(async () => {
  ada = await house.addUser();
  bob = await house.addUser();
  for (const symbol of ['AAA.SIM', 'BBB.SIM']) await house.addInstrument({ symbol });
  model = await addModel();
});

const addModel = (visibility: Visibility = 'PRIVATE', logVisibility: Visibility = 'PRIVATE') =>
  models.create(ada.viewer(), house.settings({ visibility, logVisibility }));

/** A line of a run of its own, as many minutes after midnight of the 2nd of January. */
async function write({ id, ownerId }: Model, minute: number, content: string): Promise<void> {
  const occurredAt = new Date(Date.UTC(2026, 0, 2, 0, minute));
  await database.worker.withViewer(systemViewer(), (tx) =>
    agentLog.append(tx, {
      ...{ model: { id, ownerId }, runId: ids.next(), occurredAt },
      date: new Date(Date.UTC(2026, 0, minute < 30 ? 2 : 3)),
      lines: [{ sequence: 0, kind: 'ASSISTANT', content }],
    }),
  );
}

type Filter = Omit<Parameters<typeof agentLog.search>[2], 'modelId'>;
const found = async (
  filter: Filter,
  of = model,
  viewer: Viewer = ada.viewer(),
): Promise<string[]> => {
  const wanted = { modelId: of.id, ...filter };
  const lines = await agentLog.search(viewer, FIRST_PAGE, wanted);
  expect(await agentLog.countFound(viewer, wanted)).toBe(lines.length);
  return lines.map(({ content }) => content);
};

describe('a search in the log of a model', () => {
  const LINES = [
    'I am buying NVDA: earnings were strong',
    'The stop loss of BTC-USDT was hit',
    'Loss of patience; I stop here',
    '“Hold” — says {"symbol":"AAPL","price":12.5}…',
    '今日买入贵州茅台600519.SH，仓位20%',
    '入场前先买',
  ];
  beforeAll(async () => {
    for (const [minute, content] of LINES.entries()) {
      await write(model, minute, content);
      // Half of them by the index, and half without.
      if (minute === 2) expect(await indexer.index()).toBe(3);
    }
  });
  const lines = (...numbers: number[]) => numbers.map((number) => LINES[number]);

  test.each<[string, number[]]>([
    ['nvda', [0]],
    ['buy', [0]],
    ['earning strong', [0]],
    ['stop', [2, 1]],
    ['"stop loss"', [1]],
    ['"loss stop"', []],
    ['loss -patience', [1]],
    ['nvda or aapl', [3, 0]],
    ['hold', [3]],
    ['aapl "12.5"', [3]],
    ['btc', [1]],
    ['btc-usdt', [1]],
    ['-stop', [5, 4, 3, 0]],
    ['nothing like that', []],
  ])('%j finds the lines %j', async (search, expected) => {
    expect(await found({ search })).toEqual(lines(...expected));
  });

  test.each<[string, number[]]>([
    ['买入', [4]],
    ['茅台', [4]],
    ['茅台 -买入', []],
    ['"入场"', [5]],
    ['买 入', [5, 4]],
    ['买入 or nvda', [5, 4, 0]],
    ['600519.sh', [4]],
  ])('finds Chinese, of which every letter is a word: %j', async (search, expected) => {
    expect(await found({ search })).toEqual(lines(...expected));
  });

  test.each(['', ' ', 'the of and', '"', '!!', '-', '& | ! <-> :*', "' \\ \\'", '((((', 'or or'])(
    'without a word finds nothing: %j',
    async (search) => {
      expect(await found({ search })).toEqual([]);
    },
  );

  test('never finds the model by its own id, nor another model', async () => {
    const other = await addModel();
    await write(other, 0, `nvda, not of ${model.id}`);
    expect(await found({ search: ` ${other.id}` })).toEqual([]);
    expect(await found({ search: `nvda or " ${other.id}"` })).toEqual(lines(0));
  });

  test('takes the day and the time into account', async () => {
    await write(model, 40, 'nvda on the next day');
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 2, 0, minute));
    const search = 'nvda';
    expect(await found({ search, date: new Date('2026-01-02') })).toEqual(lines(0));
    expect(await found({ search, from: at(1) })).toEqual(['nvda on the next day']);
    expect(await found({ search, to: at(40) })).toEqual(lines(0));
    expect(await found({ search, from: at(1), to: at(40) })).toEqual([]);
    const plain = { modelId: model.id, from: at(1), to: at(3) };
    const listed = await agentLog.list(ada.viewer(), {}, plain);
    expect(listed.map(({ content }) => content)).toEqual(lines(2, 1));
    expect(await agentLog.count(ada.viewer(), plain)).toBe(2);
  });

  test('is refused when it is too long', async () => {
    const ask = { modelId: model.id, search: 'x'.repeat(100_000) };
    await expect(agentLog.search(ada.viewer(), FIRST_PAGE, ask)).rejects.toThrow(InvalidInput);
    await expect(agentLog.countFound(ada.viewer(), ask)).rejects.toThrow(InvalidInput);
  });

  test('is answered or refused, whatever the text', async () => {
    await fc.assert(
      fc.asyncProperty(hostileSearch, async (search) => {
        const ask = { modelId: model.id, search };
        await answeredOrRefused(agentLog.search(ada.viewer(), FIRST_PAGE, ask));
        await answeredOrRefused(agentLog.countFound(ada.viewer(), ask));
      }),
      { numRuns: 100, examples: LONGEST_SEARCHES.map((search) => [search]) },
    );
  });

  test('and the list are refused a time that ends before it begins', async () => {
    const backwards = { modelId: model.id, from: new Date(2), to: new Date(1) };
    const ask = { ...backwards, search: 'nvda' };
    for (const refused of [
      () => agentLog.search(ada.viewer(), FIRST_PAGE, ask),
      () => agentLog.countFound(ada.viewer(), ask),
      () => agentLog.list(ada.viewer(), {}, backwards),
      () => agentLog.count(ada.viewer(), backwards),
    ]) {
      await expect(refused()).rejects.toMatchObject({ code: 'BAD_USER_INPUT', field: 'to' });
    }
  });

  test('finds words in the first 50,000 characters of a line, however long it is', async () => {
    const long = await addModel();
    await write(long, 0, `alpha ${'word '.repeat(20_000)} omega ${'字'.repeat(4_000_000)}`);
    expect(await found({ search: 'alpha' }, long)).toHaveLength(1);
    expect(await found({ search: 'omega' }, long)).toEqual([]);
  });
});

describe('who may search', () => {
  test('is who may read', async () => {
    const [hidden, shown, published] = [
      await addModel('PRIVATE', 'PUBLIC'),
      await addModel('PUBLIC', 'PRIVATE'),
      await addModel('PUBLIC', 'PUBLIC'),
    ];
    for (const each of [hidden, shown, published]) await write(each, 0, 'a secret word');
    const admin = userViewer({ userId: bob.id, role: 'ADMIN' });
    for (const viewer of [anonymousViewer(), bob.viewer(), admin]) {
      expect(await found({ search: 'secret' }, hidden, viewer)).toEqual([]);
      expect(await found({ search: 'secret' }, shown, viewer)).toEqual([]);
      expect(await found({ search: '-nothing' }, shown, viewer)).toEqual([]);
      expect(await found({ search: 'secret' }, published, viewer)).toHaveLength(1);
    }
    expect(await found({ search: 'secret' }, hidden)).toHaveLength(1);
    expect(await found({ search: 'secret', scope: 'ALL' }, hidden, admin)).toHaveLength(1);
  });
});

describe('pages', () => {
  // 120 lines, several in a minute: a third has the word, and the newest have none.
  const COUNT = 120;
  const hasWord = (number: number) => number % 3 === 0 && number < 90;
  let many: Model;
  let wanted: string[];

  beforeAll(async () => {
    many = await addModel();
    for (let number = 0; number < COUNT; number += 1) {
      await write(many, Math.floor(number / 4), `${number} ${hasWord(number) ? 'rare' : 'plain'}`);
      if (number === 70) await indexer.index();
    }
    const rows = await database.query<{ content: string }>(
      `SELECT content FROM agent_log WHERE model_id = $1 AND content LIKE '%rare'
       ORDER BY occurred_at DESC, id DESC`,
      [many.id],
    );
    wanted = rows.map(({ content }) => content);
  });

  test.each([
    ['from the beginning', false],
    ['from the end', true],
  ])('%s have each line once', async (_where, isBackward) => {
    expect(wanted).toHaveLength(30);
    const seen: string[] = [];
    let key: { value: Date; id: string } | undefined;
    for (;;) {
      const beyond = key && (isBackward ? { before: key } : { after: key });
      const page = { limit: 7, isBackward, ...beyond };
      const ask = { modelId: many.id, search: 'rare -nothing' };
      const read = await agentLog.search(ada.viewer(), page, ask);
      const rows = isBackward ? read.slice(-7) : read.slice(0, 7);
      const contents = rows.map(({ content }) => content);
      seen[isBackward ? 'unshift' : 'push'](...contents);
      const last = isBackward ? rows.at(0) : rows.at(-1);
      if (read.length <= 7 || !last) break;
      key = { value: last.occurredAt, id: last.id };
    }
    expect(seen).toEqual(wanted);
  });
});
