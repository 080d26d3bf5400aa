import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createGatheredWrites } from '../../../src/server/gathered-writes.ts';

/** A connection that remembers with how many chunks the system was called. */
function createConnection() {
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
  return { connection, calls };
}

test('what is written to a connection in one turn leaves in one call, and in the next turn again', async () => {
  const { hold } = createGatheredWrites();
  const [one, other] = [createConnection(), createConnection()];
  for (let count = 0; count < 5; count += 1) {
    for (const { connection } of [one, other]) {
      hold(connection);
      connection.write('frame');
    }
  }
  expect([one.calls, other.calls]).toEqual([[], []]);
  await setImmediate();
  expect([one.calls, other.calls]).toEqual([[5], [5]]);
  hold(one.connection);
  one.connection.write('frame');
  await setImmediate();
  expect([one.calls, other.calls]).toEqual([[5, 1], [5]]);
});

test('a connection that is gone meanwhile hurts no other', async () => {
  const { hold } = createGatheredWrites();
  const [gone, other] = [createConnection(), createConnection()];
  for (const { connection } of [gone, other]) {
    hold(connection);
    connection.write('frame');
  }
  gone.connection.destroy();
  await setImmediate();
  expect([gone.calls, other.calls]).toEqual([[], [1]]);
});
