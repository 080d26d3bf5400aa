import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { readBody } from '../../../src/server/plain-request.ts';

/** A request that says how long its body is, and what is read of it. */
function open(bytes: number) {
  const request = new PassThrough();
  const headers = { 'content-length': String(bytes) };
  const onText = vi.fn<(text: string) => void>();
  readBody(Object.assign(request, { headers }) as unknown as IncomingMessage, onText);
  return { request, onText };
}

const BODY = Buffer.from('{"query":"{ café }"}');

test.each([
  ['one part', [BODY]],
  ['parts that cut a letter', [BODY.subarray(0, 15), BODY.subarray(15)]],
  ['bytes', Array.from(BODY, (byte) => Buffer.from([byte]))],
])('a body of %s is read once, when all of it is there', async (_, parts) => {
  const { request, onText } = open(BODY.length);
  for (const part of parts) {
    expect(onText).not.toHaveBeenCalled();
    request.write(part);
    await new Promise(setImmediate);
  }
  expect(onText).toHaveBeenCalledExactlyOnceWith('{"query":"{ café }"}');
});

test('half of a body is not read, and its sender may leave', async () => {
  const { request, onText } = open(BODY.length);
  request.write(BODY.subarray(0, 9));
  request.destroy();
  await new Promise(setImmediate);
  expect(onText).not.toHaveBeenCalled();
});
