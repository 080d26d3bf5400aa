import { once } from 'node:events';
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { encodeCursor } from '../../src/services/platform/event-log/cursor.ts';
import { openTestApp } from '../support/app.ts';
import { openHandSocket, openHandStream } from '../support/hand-socket.ts';
import { LINES, tellLargeLines } from '../support/large-lines.ts';
import { serveInManualTime } from '../support/manual-server.ts';
import { eventually } from '../support/outbox.ts';
import { openRawSocket } from '../support/raw-socket.ts';

const SECOND_MS = 1_000;
/** Of 100 kB: several times what the system holds for a reader who reads nothing. */
const LINES_MADE = 280;
const LINES_BYTES = LINES_MADE * 100_000;
const house = await openTestApp({ variables: { STREAM_QUEUE_LIMIT_BYTES: '1000000000' } });
const { port, time } = await serveInManualTime(house);
const ada = await house.addPerson('ada');
await tellLargeLines(house, ada, LINES_MADE);

/** Waits until a number moves no more. */
async function untilStill(read: () => number): Promise<void> {
  let [before, looks] = [-1, 0];
  await eventually('all stands still', async () => {
    looks = read() === before ? looks + 1 : 0;
    before = read();
    await new Promise((resolve) => setTimeout(resolve, 20));
    return looks === 10;
  });
}

describe('a socket', () => {
  test('whose other side answers no Ping is cut within 30 s, and one that answers is not', async () => {
    const silent = await openHandSocket(port);
    const cut = once(silent, 'close');
    silent.resume();
    const living = await openRawSocket(port);
    await living.init();
    for (let passedMs = 0; passedMs < 60 * SECOND_MS; passedMs += 5 * SECOND_MS) {
      if (passedMs === 30 * SECOND_MS) await cut;
      time.advance(5 * SECOND_MS);
      // What comes on one connection is answered in order: the Pong below was heard before this one.
      living.send({ type: 'ping' });
      expect(await living.next()).toEqual({ type: 'pong' });
    }
    living.subscribe('{ __typename }');
    expect(await living.next()).toMatchObject({ type: 'next' });
  });

  test('is not cut before it had the time of a Ping to answer', async () => {
    const silent = await openHandSocket(port);
    let isCut = false;
    silent.once('close', () => (isCut = true));
    silent.resume();
    time.advance(12 * SECOND_MS);
    await untilStill(() => silent.bytesRead);
    expect(isCut).toBe(false);
  });
});

describe('an event stream', () => {
  const variables = { after: encodeCursor(0n) };
  const open = () => openHandStream(port, { query: LINES, variables, token: ada.token });
  /** Takes so many bytes, and no more. */
  const take = async (socket: Socket, bytes: number): Promise<void> => {
    let taken = 0;
    await eventually('a little was read', () => {
      for (let chunk = readFrom(socket); chunk && taken < bytes; chunk = readFrom(socket)) {
        taken += chunk.length;
      }
      return taken >= bytes;
    });
  };

  const write = vi.spyOn(ServerResponse.prototype, 'write');
  afterAll(() => {
    write.mockRestore();
  });
  /** The server has filled what was taken, and stands still again when it is looked at. */
  const refilled = () => untilStill(() => write.mock.calls.length);

  test('whose reader takes nothing for 30 s is cut, and one that reads a little is not', async () => {
    const [stalled, slow] = [await open(), await open()];
    const cut = new Set<Socket>();
    for (const socket of [stalled, slow]) socket.once('close', () => cut.add(socket));
    for (let passedMs = 0; passedMs < 40 * SECOND_MS; passedMs += 5 * SECOND_MS) {
      await take(slow, 2_000_000);
      await refilled();
      time.advance(5 * SECOND_MS);
    }
    // Who reads nothing is told by the reset, which comes behind what waits in the system.
    stalled.resume();
    await eventually('it is cut', () => cut.has(stalled));
    expect(stalled.bytesRead).toBeLessThan(LINES_BYTES);
    await take(slow, 2_000_000);
    expect(cut.has(slow)).toBe(false);
  });

  test('whose reader pauses for less goes on to its end', async () => {
    const paused = await open();
    await take(paused, 2_000_000);
    await refilled();
    time.advance(25 * SECOND_MS);
    paused.resume();
    await eventually('all has come', () => paused.bytesRead > LINES_BYTES);
  });
});

const readFrom = (socket: Socket) => socket.read() as Buffer | null;
