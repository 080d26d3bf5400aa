import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createGatheredWrites } from '../../../src/server/gathered-writes.ts';

/** A connection that remembers with how many chunks the system was called. */
function createConnection(writes: ReturnType<typeof createGatheredWrites>) {
  const calls: number[] = [];
  const connection = new Writable({
    write(_chunk, _encoding, done) {
      calls.push(1);
      done();
    },
    writev(chunks, done) {
      calls.push(chunks.length);
      done();
    },
  });
  const gather = writes.of(connection);
  const write = (count: number): void => {
    for (let n = 0; n < count; n += 1) {
      gather();
      connection.write('frame');
    }
  };
  return { connection, calls, write };
}

test('the first message of a turn leaves at once, and what follows it leaves together', async () => {
  const writes = createGatheredWrites();
  const [one, other] = [createConnection(writes), createConnection(writes)];
  one.write(5);
  other.write(1);
  expect([one.calls, other.calls]).toEqual([[1], [1]]);
  await setImmediate();
  expect([one.calls, other.calls]).toEqual([[1, 4], [1]]);
});

test('after a turn with one message for each, the next is as quick', async () => {
  const writes = createGatheredWrites();
  const { calls, write } = createConnection(writes);
  for (let turn = 1; turn <= 3; turn += 1) {
    write(1);
    expect(calls).toHaveLength(turn);
    await setImmediate();
  }
  expect(calls).toEqual([1, 1, 1]);
});

test('after a turn with many for each, all of the next one leaves together', async () => {
  const writes = createGatheredWrites();
  const [one, other] = [createConnection(writes), createConnection(writes)];
  // Four messages to two connections: two each.
  one.write(2);
  other.write(2);
  await setImmediate();
  one.write(3);
  expect(one.calls).toEqual([1, 1]);
  await setImmediate();
  expect(one.calls).toEqual([1, 1, 3]);
  // That was three to one. The next turn has one, and the one after it is quick again.
  one.write(1);
  expect(one.calls).toEqual([1, 1, 3]);
  await setImmediate();
  one.write(1);
  expect(one.calls).toEqual([1, 1, 3, 1, 1]);
});

test('a connection that is gone meanwhile hurts no other', async () => {
  const writes = createGatheredWrites();
  const [gone, other] = [createConnection(writes), createConnection(writes)];
  gone.write(3);
  other.write(3);
  gone.connection.destroy();
  await setImmediate();
  expect([gone.calls, other.calls]).toEqual([[1], [1, 2]]);
});
