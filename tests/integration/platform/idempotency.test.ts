import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { IdempotencyConflict } from '../../../src/services/platform/errors.ts';
import { idempotent } from '../../../src/services/platform/idempotency.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';

const { server, query } = await createTestDatabase();
const now = new Date('2026-01-01T00:00:00Z');
const countKeys = async () => (await query('SELECT * FROM idempotency_keys')).length;

let effects = 0;
const run = (ownerId: string, key: string, command: unknown, refusal?: Error) =>
  server.withViewer(userViewer({ userId: ownerId, role: 'USER' }), (tx) =>
    idempotent(tx, { ownerId, operation: 'makeThing', key, command, now }, () => {
      effects += 1;
      return refusal ? Promise.reject(refusal) : Promise.resolve({ thing: effects });
    }),
  );

describe('a command with a key', () => {
  test('has its effect once, however the fields of the command are ordered', async () => {
    const owner = randomUUID();
    const first = await run(owner, 'a', { x: 1, y: { b: 2, a: 1 } });
    const again = await run(owner, 'a', { y: { a: 1, b: 2 }, x: 1 });
    expect(again).toEqual({ outcome: first.outcome, isReplay: true });
  });

  test('has its effect once when twenty arrive together', async () => {
    const owner = randomUUID();
    const before = effects;
    const answers = await Promise.all(Array.from({ length: 20 }, () => run(owner, 'b', { x: 1 })));
    expect(effects - before).toBe(1);
    expect(new Set(answers.map(({ outcome }) => outcome.thing)).size).toBe(1);
  });

  test('is a conflict with another body', async () => {
    const owner = randomUUID();
    await run(owner, 'c', { x: 1 });
    await expect(run(owner, 'c', { x: 2 })).rejects.toThrow(IdempotencyConflict);
  });

  test("is another one under another owner's name", async () => {
    const before = effects;
    await run(randomUUID(), 'd', { x: 1 });
    await run(randomUUID(), 'd', { x: 2 });
    expect(effects - before).toBe(2);
  });

  test('leaves no key behind when the effect throws', async () => {
    const before = await countKeys();
    await expect(run(randomUUID(), 'e', {}, new Error('broken'))).rejects.toThrow('broken');
    expect(await countKeys()).toBe(before);
  });
});
