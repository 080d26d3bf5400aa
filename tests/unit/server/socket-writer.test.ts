import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { createSocketWriter } from '../../../src/server/socket-writer.ts';

const BYTES_MAX = 100_000;

/** A socket of whose messages some wait, and what went over it: by the library, and past it. */
function createSocket() {
  const sent: string[] = [];
  const events: string[] = [];
  const left: ((error?: Error) => void)[] = [];
  const socket = {
    ...{ OPEN: 1, readyState: 1, bufferedAmount: 0 },
    send(message: Buffer | string, { binary }: { binary: boolean }, done: (error?: Error) => void) {
      sent.push(`${binary ? 'binary' : 'text'} ${message.toString()}`);
      left.push(done);
    },
  };
  const connection = new PassThrough();
  const writer = createSocketWriter(socket as unknown as WebSocket, {
    ...{ bytesMax: BYTES_MAX, connection },
    onTooMuch: () => void events.push('too much'),
    gather: () => void events.push('gathered'),
  });
  const written = (): string | undefined =>
    (connection.read() as Buffer | null)?.toString('latin1');
  return { socket, sent, events, left, writer, written };
}

const parts = ['{', '}'].map((text) => Buffer.from(text));

describe('what is offered to a socket', () => {
  test('is written at once, as a frame, while little waits', () => {
    const { writer, written, events, sent } = createSocket();
    expect(writer.offer(parts)).toBeUndefined();
    // A text, of two bytes.
    expect(written()).toBe('\x81\x02{}');
    expect([events, sent]).toEqual([['gathered'], []]);
  });

  test('waits until it has left where more than 16 KiB wait', async () => {
    const { socket, writer, written, sent, left } = createSocket();
    socket.bufferedAmount = 16 * 1024 + 1;
    let isSent = false;
    const sending = writer.offer(parts)?.then(() => (isSent = true));
    await new Promise(setImmediate);
    expect({ isSent, sent, written: written() }).toEqual({
      ...{ isSent: false, sent: ['text {}'], written: undefined },
    });
    left[0]?.();
    expect(await sending).toBe(true);
  });

  test('is too much beyond the bound, and goes nowhere', async () => {
    const { socket, writer, written, events, sent } = createSocket();
    socket.bufferedAmount = BYTES_MAX + 1;
    await writer.offer(parts);
    expect({ events, sent, written: written() }).toEqual({
      ...{ events: ['too much'], sent: [], written: undefined },
    });
  });

  test('goes nowhere on a socket that is being closed', () => {
    const { socket, writer, written, events } = createSocket();
    socket.readyState = 2;
    expect(writer.offer(parts)).toBeUndefined();
    expect([written(), events]).toEqual([undefined, []]);
  });

  test('that fails is an error, unless the socket was cut off meanwhile', async () => {
    const { socket, writer, left } = createSocket();
    const failing = writer.send('{}');
    left[0]?.(new Error('No more.'));
    await expect(failing).rejects.toThrow('No more.');
    let isOver = false;
    const cut = writer.send('{}').then(() => (isOver = true));
    socket.readyState = 2;
    left[1]?.(new Error('The stream was destroyed.'));
    await cut;
    expect(isOver).toBe(true);
  });
});
