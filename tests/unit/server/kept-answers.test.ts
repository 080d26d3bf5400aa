import type { ExecutionResult } from 'graphql';
import { expect, test, vi } from 'vitest';
import { createKeptAnswers } from '../../../src/server/kept-answers.ts';

const ROOT = { sources: ['bars'], isOfTheMoment: false } as const;

function createHouse({ bytesMax = 1_000_000 } = {}) {
  const state = { version: 1, isHeard: true, nowMs: 0 };
  const answers = createKeptAnswers({
    changes: { isHeard: () => state.isHeard, versionOf: () => state.version },
    clock: { now: () => new Date(state.nowMs) },
    bytesMax,
  });
  let computed = 0;
  const compute = vi.fn(() => Promise.resolve<ExecutionResult>({ data: { n: (computed += 1) } }));
  const ask = async (key = 'key', root: Parameters<typeof answers.answerOf>[1] = ROOT) =>
    (await answers.answerOf(key, root, compute))?.text;
  return { state, answers, compute, ask };
}

test('computes an answer once, for all who ask while nothing changes', async () => {
  const { ask, compute } = createHouse();
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(Array(3).fill('{"n":1}'));
  expect(await ask()).toBe('{"n":1}');
  expect(await ask('another')).toBe('{"n":2}');
  expect(compute).toHaveBeenCalledTimes(2);
});

test('computes it anew after a change', async () => {
  const { ask, state } = createHouse();
  expect(await ask()).toBe('{"n":1}');
  state.version += 1;
  expect(await ask()).toBe('{"n":2}');
});

test('keeps none that something changed under, and lets nobody wait for it who came later', async () => {
  const { answers, ask, state } = createHouse();
  const slow = Promise.withResolvers<ExecutionResult>();
  const first = answers.answerOf('key', ROOT, () => slow.promise);
  state.version += 1;
  expect(await ask()).toBe('{"n":1}');
  slow.resolve({ data: { n: 'old' } });
  expect((await first)?.text).toBe('{"n":"old"}');
  expect(await ask()).toBe('{"n":1}');
});

test('keeps none that ended while changes were not heard', async () => {
  const { answers, ask, state } = createHouse();
  const slow = Promise.withResolvers<ExecutionResult>();
  const first = answers.answerOf('key', ROOT, () => slow.promise);
  state.isHeard = false;
  slow.resolve({ data: { n: 'unsure' } });
  await first;
  expect(await ask()).toBeUndefined();
  state.isHeard = true;
  expect(await ask()).toBe('{"n":1}');
});

test('keeps no error, and no failure', async () => {
  const { answers, ask } = createHouse();
  const wrong = [
    () => Promise.resolve({ data: { n: 0 }, errors: [] }),
    () => Promise.resolve({ data: null }),
    () => Promise.reject(new Error('The database is away.')),
  ];
  for (const compute of wrong) {
    expect(await answers.answerOf('key', ROOT, compute)).toBeUndefined();
  }
  expect(await ask()).toBe('{"n":1}');
});

test('keeps what is of the moment for a second, the rest for ten, and nothing from the future', async () => {
  const { ask, state } = createHouse();
  const moment = { ...ROOT, isOfTheMoment: true };
  state.nowMs = 50_000;
  expect([await ask('moment', moment), await ask()]).toEqual(['{"n":1}', '{"n":2}']);
  state.nowMs = 50_999;
  expect([await ask('moment', moment), await ask()]).toEqual(['{"n":1}', '{"n":2}']);
  state.nowMs = 51_000;
  expect([await ask('moment', moment), await ask()]).toEqual(['{"n":3}', '{"n":2}']);
  state.nowMs = 60_000;
  expect(await ask()).toBe('{"n":4}');
  state.nowMs = 59_000;
  expect(await ask()).toBe('{"n":5}');
});

test('keeps no more than it may, and first forgets what nobody asked for', async () => {
  // Six bytes a character: (7 of text + 1 of key) × 6 = 48 each, so that eight fill 384.
  const { ask, compute } = createHouse({ bytesMax: 384 });
  for (const key of 'abcdefgh') await ask(key);
  await ask('a');
  expect(compute).toHaveBeenCalledTimes(8);
  await ask('i');
  await ask('a');
  expect(compute).toHaveBeenCalledTimes(9);
  await ask('b');
  expect(compute).toHaveBeenCalledTimes(10);
});

test('keeps no answer that takes the room of many, and none where there is no room', async () => {
  const small = createHouse({ bytesMax: 383 });
  expect([await small.ask(), await small.ask()]).toEqual(['{"n":1}', '{"n":2}']);
  const none = createHouse({ bytesMax: 0 });
  expect(await none.ask()).toBeUndefined();
  expect(none.compute).not.toHaveBeenCalled();
});

test('gives equal answers one tag, and others another', async () => {
  const { answers } = createHouse();
  const tagOf = async (key: string, n: number) =>
    (await answers.answerOf(key, ROOT, () => Promise.resolve({ data: { n } })))?.etag;
  expect(await tagOf('a', 1)).toBe(await tagOf('b', 1));
  expect(await tagOf('c', 2)).not.toBe(await tagOf('a', 1));
});
