import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AiProviderChange } from '../../../src/services/accounts/ai-provider-input.ts';
import { createAiProviders } from '../../../src/services/accounts/ai-providers.ts';
import { SecondFactorRequired } from '../../../src/services/accounts/factor-errors.ts';
import {
  Forbidden,
  IdempotencyConflict,
  InvalidInput,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import { SealBroken } from '../../../src/services/platform/sealing.ts';
import { anonymousViewer, type Viewer } from '../../../src/services/platform/viewer.ts';
import { dumpTables } from '../../support/table-dump.ts';
import { createVaultHouse } from './vault-house.ts';

const house = await createVaultHouse();
const { aiProviders, clock, database, sure, vault } = house;
const admin = await house.addPerson('ADMIN');

// not a secret: made up for these tests
const KEY = 'sk-key-of-the-provider-3c2b1a';
const set = (
  aiProvider: AiProviderChange,
  viewer: Viewer = sure(admin),
  key: string = randomUUID(),
) => aiProviders.set(viewer, { aiProvider, idempotencyKey: key });
const find = async (name: string) => {
  const all = await aiProviders.list(sure(admin));
  return all.find((provider) => provider.name === name);
};
const state = () => dumpTables(database);
const withoutFactor = (): Viewer => ({ ...sure(admin), secondFactorAt: null });

describe('a provider', () => {
  test('is set up off, changed in parts, and shown without its key', async () => {
    await set({ name: 'openai', apiKey: KEY, models: ['gpt-5', 'gpt-5', 'gpt-5-mini'] });
    const made = await find('openai');
    expect(made).toEqual({
      ...{ name: 'openai', isEnabled: false, baseUrl: null, models: ['gpt-5', 'gpt-5-mini'] },
      ...{ keyId: house.sealing.sealingId(), updatedAt: clock.now() },
      fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
    });
    expect(await vault.openProvider('openai')).toBeNull();
    clock.advance(60);
    await set({ name: 'openai', isEnabled: true }, withoutFactor());
    expect(await find('openai')).toEqual({ ...made, isEnabled: true, updatedAt: clock.now() });
    expect(await vault.openProvider('openai')).toEqual({
      ...{ baseUrl: null, models: ['gpt-5', 'gpt-5-mini'], apiKey: KEY },
    });
    const told = {
      baseUrl: null,
      models: ['gpt-5', 'gpt-5-mini'],
      keyFingerprint: made?.fingerprint,
    };
    expect(await house.auditOf('openai')).toMatchObject([
      {
        action: 'settings.ai-provider-changed',
        before: null,
        after: { ...told, isEnabled: false },
      },
      { actor_id: admin.id, before: { isEnabled: false }, after: { ...told, isEnabled: true } },
    ]);
    expect(JSON.stringify(await state())).not.toContain(KEY);
  });

  test('of a model of our own needs no key', async () => {
    await set({ name: 'ollama', isEnabled: true, baseUrl: 'https://models.example.com/v1/' });
    expect(await vault.openProvider('ollama')).toEqual({
      ...{ baseUrl: 'https://models.example.com/v1', models: [], apiKey: null },
    });
    expect(await find('ollama')).toMatchObject({ keyId: null, fingerprint: null });
  });

  test('that moves takes no key along that was given for another address', async () => {
    await set({ name: 'moved', isEnabled: true, apiKey: KEY, baseUrl: 'https://one.example.com' });
    const before = await state();
    for (const baseUrl of ['https://evil.example.com', 'https://one.example.com/other', null]) {
      await expect(set({ name: 'moved', baseUrl })).rejects.toMatchObject({ field: 'apiKey' });
    }
    expect(await state()).toEqual(before);
    await set({ name: 'moved', baseUrl: 'https://one.example.com/' });
    expect(await vault.openProvider('moved')).toMatchObject({ apiKey: KEY });
    await set({ name: 'moved', baseUrl: 'https://two.example.com', apiKey: 'another' });
    expect(await vault.openProvider('moved')).toMatchObject({ apiKey: 'another' });
    await set({ name: 'moved', baseUrl: null, apiKey: null });
    expect(await vault.openProvider('moved')).toMatchObject({ baseUrl: null, apiKey: null });
  });

  test('has a key that opens nowhere else', async () => {
    await set({ name: 'one', isEnabled: true, apiKey: KEY });
    await set({ name: 'two', isEnabled: true, apiKey: 'another' });
    await database.query(`UPDATE ai_providers AS p SET sealed_key = o.sealed_key
      FROM ai_providers AS o WHERE p.name = 'two' AND o.name = 'one'`);
    await expect(vault.openProvider('two')).rejects.toThrow(SealBroken);
    await set({ name: 'two', apiKey: 'given-anew' });
    expect(await vault.openProvider('two')).toMatchObject({ apiKey: 'given-anew' });
  });
});

describe('a key that comes again', () => {
  test('changes nothing, and conflicts with another change', async () => {
    const change = { name: 'again', apiKey: KEY, models: ['a'] };
    await set(change, sure(admin), 'same');
    const before = await state();
    clock.advance(60);
    await set(change, sure(admin), 'same');
    for (const other of [{ apiKey: 'other' }, { models: ['b'] }, { isEnabled: false }]) {
      await expect(set({ ...change, ...other }, sure(admin), 'same')).rejects.toThrow(
        IdempotencyConflict,
      );
    }
    expect(await state()).toEqual(before);
  });
});

describe('a change is refused', () => {
  test('to whoever is no administrator, which is written down', async () => {
    for (const role of ['VIEWER', 'USER', 'PREMIUM'] as const) {
      const person = await house.addPerson(role);
      const { audit_records: records, ...before } = await state();
      await expect(set({ name: 'openai', apiKey: KEY }, sure(person))).rejects.toThrow(Forbidden);
      await expect(aiProviders.list(sure(person))).rejects.toThrow(Forbidden);
      const { audit_records: recordsAfter, ...after } = await state();
      expect(after).toEqual(before);
      expect(recordsAfter).toHaveLength((records?.length ?? 0) + 1);
      expect((await house.auditOf('openai')).at(-1)).toEqual({
        ...{ action: 'settings.change-refused', actor_id: person.id, target_type: 'AiProvider' },
        ...{ before: null, after: null },
      });
    }
    await expect(set({ name: 'openai' }, anonymousViewer())).rejects.toThrow(Unauthenticated);
  });

  test('without a second factor, where a key or an address is written', async () => {
    const before = await state();
    for (const change of [{ apiKey: KEY }, { apiKey: null }, { baseUrl: null }]) {
      const attempt = set({ name: 'openai', ...change }, withoutFactor());
      await expect(attempt).rejects.toThrow(SecondFactorRequired);
    }
    expect(await state()).toEqual(before);
  });

  test.each([
    ['name', { name: 'Open AI' }],
    ['baseUrl', { baseUrl: 'http://api.openai.com' }],
    ['baseUrl', { baseUrl: 'https://169.254.169.254' }],
    ['baseUrl', { baseUrl: `https://a.example.com/${'x'.repeat(500)}` }],
    ['models', { models: ['a model'] }],
    ['models', { models: [''] }],
    ['apiKey', { apiKey: '' }],
    ['apiKey', { apiKey: 'two\nlines' }],
    ['apiKey', { apiKey: 'x'.repeat(4_097) }],
  ])('for a %s such as %j', async (field, change) => {
    const before = await state();
    const refusal = await set({ name: 'openai', ...change }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidInput);
    expect(refusal).toMatchObject({ field });
    expect(await state()).toEqual(before);
  });

  test('past a hundred providers', async () => {
    await database.query(`INSERT INTO ai_providers (name, is_enabled, models, updated_at)
      SELECT 'filled-' || n, false, '{}', now() FROM generate_series(1, 100) AS n`);
    await expect(set({ name: 'one-more' })).rejects.toMatchObject({ field: 'name' });
    await set({ name: 'filled-1', isEnabled: true });
    await database.query(`DELETE FROM ai_providers WHERE name LIKE 'filled-%'`);
  });
});

test('development may ask a model of this machine', async () => {
  const own = createAiProviders({ ...house, db: house.database.server, isInsideAllowed: true });
  const aiProvider = { name: 'local', isEnabled: true, baseUrl: 'http://localhost:11434' };
  await own.set(sure(admin), { aiProvider, idempotencyKey: randomUUID() });
  expect(await vault.openProvider('local')).toMatchObject({ baseUrl: 'http://localhost:11434' });
});
