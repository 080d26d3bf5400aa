import { beforeAll, describe, expect, test } from 'vitest';
import { parseModelChanged } from '../../../src/services/agents/events.ts';
import type { CreateModel } from '../../../src/services/agents/model-commands.ts';
import {
  Forbidden,
  IdempotencyConflict,
  InvalidInput,
  NotFound,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import { Decimal } from '../../../src/services/platform/money.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { createHouse } from './house.ts';

const house = await createHouse();
const { clock, database, models } = house;
let ada: Awaited<ReturnType<typeof house.addUser>>;
let bob: Awaited<ReturnType<typeof house.addUser>>;
let admin: Awaited<ReturnType<typeof house.addUser>>;

beforeAll(async () => {
  ada = await house.addUser();
  bob = await house.addUser();
  admin = await house.addUser('ADMIN');
  for (const symbol of ['AAA.SIM', 'BBB.SIM', 'CCC.SIM']) await house.addInstrument({ symbol });
  await house.addInstrument({ symbol: 'OLD', isTradable: false });
  await house.addInstrument({ symbol: '600519.SH', currency: 'CNY' });
});

const create = (changed: Partial<CreateModel> = {}, owner = ada) =>
  models.create(owner.viewer(), house.settings(changed));
const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: unknown) => error,
  );

describe('making a model', () => {
  test('makes it idle, with its prompt apart, a paper account that holds its cash, and the news', async () => {
    const model = await create({
      name: '  Follower  ',
      universe: [' bbb.sim', 'AAA.SIM', 'BBB.SIM'],
    });
    expect(model).toMatchObject({
      ownerId: ada.id,
      name: 'Follower',
      trader: 'MOMENTUM',
      provider: 'built-in',
      universe: ['BBB.SIM', 'AAA.SIM'],
      currency: 'USD',
      intervalSeconds: 60,
      status: 'IDLE',
      version: 1,
      createdAt: clock.now(),
    });
    const secrets = await database.query('SELECT * FROM model_secrets WHERE model_id = $1', [
      model.id,
    ]);
    expect(secrets).toMatchObject([{ owner_id: ada.id, prompt: 'Follow the trend.' }]);
    const accounts = await database.query(
      `SELECT a.owner_id, a.kind, a.currency, a.zone, a.starting_cash::float AS starting,
         a.cash::float AS cash, (SELECT sum(amount)::float FROM ledger_entries e
                                 WHERE e.account_id = a.id) AS booked
       FROM accounts a WHERE model_id = $1`,
      [model.id],
    );
    expect(accounts).toEqual([
      {
        ...{ owner_id: ada.id, kind: 'PAPER', currency: 'USD', zone: 'America/Chicago' },
        ...{ starting: 10000.5, cash: 10000.5, booked: 10000.5 },
      },
    ]);
    const audit = await database.query('SELECT * FROM audit_records WHERE target_id = $1', [
      model.id,
    ]);
    expect(audit).toMatchObject([{ action: 'model.created', actor_id: ada.id }]);
    expect(JSON.stringify(audit)).not.toContain('Follow the trend');
    const [event, ...others] = await house.eventsOf(model.id);
    expect(others).toEqual([]);
    expect(event).toMatchObject({ owner_id: ada.id, type: 'ModelChanged', version: 1 });
    expect(parseModelChanged(event?.['payload'])).toEqual({
      ...model,
      startingCash: new Decimal('10000.5'),
    });
  });

  test('with the same key and body makes one, however often and however much at once', async () => {
    const settings = house.settings({ name: 'Only one' });
    const made = await Promise.all(
      Array.from({ length: 10 }, () => models.create(ada.viewer(), settings)),
    );
    const [first] = made;
    expect(new Set(made.map(({ id }) => id))).toEqual(new Set([first?.id]));
    // Another spelling of the same settings is the same body.
    const again = { ...settings, name: ' Only one ', startingCash: new Decimal('10000.500') };
    expect((await models.create(ada.viewer(), again)).id).toBe(first?.id);
    const rows = await database.query(`SELECT 1 FROM models WHERE name = 'Only one'`);
    expect(rows).toHaveLength(1);
    const accounts = await database.query('SELECT 1 FROM accounts WHERE model_id = $1', [
      first?.id,
    ]);
    expect(accounts).toHaveLength(1);
  });

  test('with the same key and another body is a conflict and makes nothing', async () => {
    const settings = house.settings();
    await models.create(ada.viewer(), settings);
    const before = await house.state();
    const other = models.create(ada.viewer(), { ...settings, name: 'Another' });
    await expect(other).rejects.toThrow(IdempotencyConflict);
    expect(await house.state()).toEqual(before);
  });

  const symbols = (count: number) => Array.from({ length: count }, (_, index) => `S${index}`);
  test.each([
    ['name', { name: ' ' }],
    ['name', { name: 'a'.repeat(101) }],
    ['name', { name: 'two\nlines' }],
    ['universe', { universe: [] }],
    ['universe', { universe: symbols(51) }],
    ['universe', { universe: ['AAA.SIM', 'NONE.SIM'] }],
    ['universe', { universe: ['OLD'] }],
    ['universe', { universe: ['AAA.SIM', '600519.SH'] }],
    ['universe', { universe: ["'; DROP TABLE models; --"] }],
    ['universe', { universe: ['\0'] }],
    ['startingCash', { startingCash: new Decimal('99.99') }],
    ['startingCash', { startingCash: new Decimal('10000000.01') }],
    ['startingCash', { startingCash: new Decimal('100.001') }],
    ['startingCash', { startingCash: new Decimal('NaN') }],
    ['startingCash', { startingCash: new Decimal('Infinity') }],
    ['startingCash', { startingCash: new Decimal('-1000') }],
    ['intervalSeconds', { intervalSeconds: 4 }],
    ['intervalSeconds', { intervalSeconds: 86_401 }],
    ['intervalSeconds', { intervalSeconds: 7.5 }],
    ['intervalSeconds', { intervalSeconds: NaN }],
    ['prompt', { prompt: 'a'.repeat(20_001) }],
    ['prompt', { prompt: 'nul \0' }],
  ])('with a bad %s is refused and makes nothing: %j', async (field, changed) => {
    const before = await house.state();
    const refusal = await refusalOf(create(changed));
    expect(refusal).toBeInstanceOf(InvalidInput);
    expect(refusal).toMatchObject({ field });
    expect(await house.state()).toEqual(before);
  });

  test('takes the limits themselves', async () => {
    await create({ name: 'a'.repeat(100), startingCash: new Decimal(100), intervalSeconds: 5 });
    const startingCash = new Decimal(10_000_000);
    await create({ prompt: '🦊'.repeat(20_000), startingCash, intervalSeconds: 86_400 });
  });

  test('gives an account in the currency of its universe', async () => {
    const { currency } = await create({ universe: ['600519.SH'] });
    expect(currency).toBe('CNY');
  });

  test('needs a log-in, and a role that may trade', async () => {
    const before = await house.state();
    const watcher = await house.addUser('VIEWER');
    await expect(create({}, watcher)).rejects.toThrow(Forbidden);
    const anonymous = models.create(anonymousViewer(), house.settings());
    await expect(anonymous).rejects.toThrow(Unauthenticated);
    expect(await house.state()).toEqual(before);
  });
});

describe('looking at models', () => {
  test('shows public ones and one’s own, newest first, to everyone; all to an administrator who asks', async () => {
    const [carol, dave] = [await house.addUser(), await house.addUser()];
    const hidden = await create({ name: 'hidden' }, carol);
    const shown = await create({ name: 'shown', visibility: 'PUBLIC' }, carol);
    const other = await create({ name: 'other' }, dave);
    const known = new Map([hidden, shown, other].map(({ id, name }) => [id, name]));
    const names = async (...ask: Parameters<typeof models.list>) =>
      (await models.list(...ask)).flatMap(({ id }) => known.get(id) ?? []);

    expect(await names(carol.viewer(), {})).toEqual(['shown', 'hidden']);
    expect(await names(dave.viewer(), {})).toEqual(['other', 'shown']);
    expect(await names(anonymousViewer(), {})).toEqual(['shown']);
    expect(await names(carol.viewer(), {}, { scope: 'OWN' })).toEqual(['shown', 'hidden']);
    expect(await names(carol.viewer(), {}, { scope: 'PUBLIC' })).toEqual(['shown']);
    expect(await names(anonymousViewer(), {}, { scope: 'OWN' })).toEqual([]);
    expect(await names(admin.viewer(), {})).toEqual(['shown']);
    expect(await names(admin.viewer(), {}, { scope: 'ALL' })).toEqual(['other', 'shown', 'hidden']);
    await expect(names(dave.viewer(), {}, { scope: 'ALL' })).rejects.toThrow(Forbidden);
    expect(await models.count(dave.viewer(), { scope: 'OWN' })).toBe(1);
    expect(await models.count(dave.viewer(), { scope: 'OWN', status: 'ACTIVE' })).toBe(0);

    const get = (viewer = dave.viewer(), scope?: 'ALL') =>
      models.get(viewer, {}, hidden.id, scope).then(({ name }) => name);
    expect(await get(carol.viewer())).toBe('hidden');
    expect(await get(admin.viewer(), 'ALL')).toBe('hidden');
    await expect(get()).rejects.toThrow(NotFound);
    await expect(get(admin.viewer())).rejects.toThrow(NotFound);
    await expect(models.get(anonymousViewer(), {}, shown.id)).resolves.toMatchObject({
      name: 'shown',
    });
  });

  test('takes a selection that narrows, and never one that widens', async () => {
    const carol = await house.addUser();
    await create({ name: 'hidden' }, carol);
    const widened = await models.list(bob.viewer(), { where: { ownerId: carol.id } });
    expect(widened).toEqual([]);
    const [one, ...others] = await models.list(ada.viewer(), { take: 1, select: { name: true } });
    expect([Object.keys(one ?? {}), others]).toEqual([['name'], []]);
  });

  test('never shows a stranger the prompt of a public model, by row-level security alone', async () => {
    const { id } = await create({ visibility: 'PUBLIC', logVisibility: 'PUBLIC' });
    const seenBy = (viewer: ReturnType<typeof anonymousViewer>) =>
      database.server.snapshot(viewer, (tx) =>
        tx.tradingModel.findUnique({ where: { id }, include: { secrets: true, accounts: true } }),
      );
    expect(await seenBy(ada.viewer())).toMatchObject({ secrets: { prompt: 'Follow the trend.' } });
    for (const viewer of [bob.viewer(), anonymousViewer()]) {
      expect(await seenBy(viewer)).toMatchObject({ id, secrets: null, accounts: [] });
    }
  });
});
