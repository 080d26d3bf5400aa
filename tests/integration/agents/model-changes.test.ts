import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { ModelImported, ModelStateConflict } from '../../../src/services/agents/errors.ts';
import { parseModelChanged } from '../../../src/services/agents/events.ts';
import type { CreateModel } from '../../../src/services/agents/model-commands.ts';
import { Forbidden, InvalidInput, NotFound } from '../../../src/services/platform/errors.ts';
import { createHouse } from './house.ts';

const house = await createHouse();
const { database, models } = house;
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
const command = (id: string) => ({ id, idempotencyKey: house.nextKey() });
const import_ = (id: string) =>
  database.query(`UPDATE models SET trader = 'IMPORTED', import_key = id WHERE id = $1`, [id]);
const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: unknown) => error,
  );

describe('starting and stopping', () => {
  test('goes IDLE → ACTIVE → STOPPED → ACTIVE, each with audit row and event', async () => {
    const { id } = await create();
    const statuses = [
      (await models.start(ada.viewer(), command(id))).status,
      (await models.stop(ada.viewer(), command(id))).status,
      (await models.start(ada.viewer(), command(id))).status,
    ];
    expect(statuses).toEqual(['ACTIVE', 'STOPPED', 'ACTIVE']);
    const audit = await database.query(
      'SELECT action FROM audit_records WHERE target_id = $1 ORDER BY id',
      [id],
    );
    expect(audit.map(({ action }) => action as string)).toEqual([
      ...['model.created', 'model.started', 'model.stopped', 'model.started'],
    ]);
    const told = (await house.eventsOf(id)).map((row) => parseModelChanged(row['payload']).status);
    expect(told).toEqual(['IDLE', 'ACTIVE', 'STOPPED', 'ACTIVE']);
  });

  test('is refused in another state, and changes nothing', async () => {
    const { id } = await create();
    const before = await house.state();
    const stop = await refusalOf(models.stop(ada.viewer(), command(id)));
    expect(stop).toBeInstanceOf(ModelStateConflict);
    expect(stop).toMatchObject({ status: 'IDLE', code: 'MODEL_STATE_CONFLICT' });
    expect(await house.state()).toEqual(before);
    await models.start(ada.viewer(), command(id));
    const active = await house.state();
    const start = await refusalOf(models.start(ada.viewer(), command(id)));
    expect(start).toMatchObject({ status: 'ACTIVE' });
    expect(await house.state()).toEqual(active);
  });

  test('answers the same key alike, a refusal too, when the state has moved on', async () => {
    const { id } = await create();
    const [stop, start] = [command(id), command(id)];
    await expect(models.stop(ada.viewer(), stop)).rejects.toThrow(ModelStateConflict);
    await models.start(ada.viewer(), start);
    const active = await house.state();
    await expect(models.stop(ada.viewer(), stop)).rejects.toThrow(ModelStateConflict);
    expect((await models.start(ada.viewer(), start)).status).toBe('ACTIVE');
    expect(await house.state()).toEqual(active);
  });

  test('lets one of ten starts with different keys through', async () => {
    const { id } = await create();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => models.start(ada.viewer(), command(id))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('is refused for an imported model', async () => {
    const { id } = await create();
    await import_(id);
    const before = await house.state();
    await expect(models.start(ada.viewer(), command(id))).rejects.toThrow(ModelImported);
    expect(await house.state()).toEqual(before);
  });

  test('lets an owner stop who may not trade any more, and not start', async () => {
    const { id } = await create();
    await models.start(ada.viewer(), command(id));
    const demoted = { ...ada.viewer(), role: 'VIEWER' as const };
    expect((await models.stop(demoted, command(id))).status).toBe('STOPPED');
    await expect(models.start(demoted, command(id))).rejects.toThrow(Forbidden);
  });
});

describe('changing a model', () => {
  test('changes what is given, and raises the version when it decides trades', async () => {
    const { id } = await create();
    const update = (changes: object) => models.update(ada.viewer(), { ...command(id), ...changes });
    expect(await update({ name: 'Renamed', visibility: 'PUBLIC' })).toMatchObject({
      ...{ name: 'Renamed', visibility: 'PUBLIC', logVisibility: 'PRIVATE', version: 1 },
      universe: ['AAA.SIM', 'BBB.SIM'],
    });
    expect(await update({ universe: ['CCC.SIM'], intervalSeconds: 5 })).toMatchObject({
      ...{ universe: ['CCC.SIM'], intervalSeconds: 5, version: 2 },
    });
    expect(await update({ prompt: 'Sell.' })).toMatchObject({ version: 3 });
    const [secrets] = await database.query('SELECT * FROM model_secrets WHERE model_id = $1', [id]);
    expect(secrets).toMatchObject({ prompt: 'Sell.' });
  });

  test('to what it is already does nothing', async () => {
    const { id } = await create();
    const before = await house.state();
    const { idempotencyKey: _key, startingCash: _cash, ...same } = house.settings();
    await models.update(ada.viewer(), { ...command(id), ...same });
    expect(await house.state()).toEqual(before);
  });

  test('while it runs is refused for what decides its trades alone', async () => {
    const { id } = await create();
    await models.start(ada.viewer(), command(id));
    const before = await house.state();
    for (const changes of [
      { universe: ['CCC.SIM'] },
      { intervalSeconds: 5 },
      { prompt: 'Sell.' },
    ]) {
      const refused = models.update(ada.viewer(), { ...command(id), name: 'New', ...changes });
      await expect(refused).rejects.toThrow(ModelStateConflict);
    }
    expect(await house.state()).toEqual(before);
    const update = { ...command(id), name: 'New', logVisibility: 'PUBLIC' as const };
    expect(await models.update(ada.viewer(), update)).toMatchObject({ name: 'New', version: 1 });
  });

  test.each([
    ['name', { name: '' }],
    ['universe', { universe: ['NONE.SIM'] }],
    ['universe', { universe: ['600519.SH'] }],
    ['intervalSeconds', { intervalSeconds: 1 }],
    ['prompt', { prompt: 'a'.repeat(20_001) }],
  ])('to a bad %s is refused and changes nothing: %j', async (field, changes) => {
    const { id } = await create();
    const before = await house.state();
    const refusal = await refusalOf(models.update(ada.viewer(), { ...command(id), ...changes }));
    expect(refusal).toBeInstanceOf(InvalidInput);
    expect(refusal).toMatchObject({ field });
    expect(await house.state()).toEqual(before);
  });

  test('that was imported changes its name and visibility alone', async () => {
    const { id } = await create();
    await import_(id);
    const update = { ...command(id), visibility: 'PUBLIC' as const };
    expect((await models.update(ada.viewer(), update)).visibility).toBe('PUBLIC');
    const before = await house.state();
    const refused = models.update(ada.viewer(), { ...command(id), universe: ['CCC.SIM'] });
    await expect(refused).rejects.toThrow(ModelImported);
    expect(await house.state()).toEqual(before);
  });
});

describe('strangers', () => {
  test.each([
    ['a stranger', () => bob],
    ['an administrator', () => admin],
  ])('to whom %s belongs get NotFound for every write, public or not', async (_who, who) => {
    const mine = await create();
    const shown = await create({ visibility: 'PUBLIC', logVisibility: 'PUBLIC' });
    const before = await house.state();
    for (const id of [mine.id, shown.id, randomUUID()]) {
      const viewer = who().viewer();
      const writes = [
        () => models.update(viewer, { ...command(id), name: 'Mine now' }),
        () => models.start(viewer, command(id)),
        () => models.stop(viewer, command(id)),
      ];
      for (const write of writes) await expect(write()).rejects.toThrow(NotFound);
    }
    expect(await house.state()).toEqual(before);
  });
});
