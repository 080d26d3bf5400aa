import { describe, expect, it } from 'vitest';
import { encodeCursor } from '../../../src/services/platform/event-log/cursor.ts';
import { InvalidInput } from '../../../src/services/platform/errors.ts';
import { eventMessage, gapMessage } from '../../../src/services/webhooks/messages.ts';
import { signedHeaders } from '../../../src/services/webhooks/signing.ts';
import { parseReceiver, parseTypes } from '../../../src/services/webhooks/webhook-input.ts';

const occurredAt = new Date('2026-11-22T12:00:00.123Z');
const event = {
  ...{ position: 7n, previousPosition: 0n, topic: 'account:1', ownerId: 'a', type: 'Weighed' },
  ...{ version: 2, payload: {}, occurredAt, recordedAt: occurredAt },
};

describe('a message', () => {
  it('has one id for a webhook and a place, and another for each of the others', () => {
    const [one, again] = [eventMessage('w1', event, { n: 1 }), eventMessage('w1', event, { n: 2 })];
    const others = [
      eventMessage('w2', event, null),
      eventMessage('w1', { ...event, position: 8n }, null),
      gapMessage('w1', { kind: 'gap', reason: 'TOO_OLD', from: 7n, oldest: 9n }, occurredAt),
    ];
    expect(again.id).toBe(one.id);
    expect(new Set([one, ...others].map(({ id }) => id)).size).toBe(4);
  });

  it('is whole to 64 KiB, counted in bytes, and tells its place alone beyond', () => {
    const head = Buffer.byteLength(eventMessage('w', event, { text: '' }).body);
    // Two bytes each in UTF-8.
    const fits = 'é'.repeat(Math.floor((65_536 - head) / 2));
    expect(JSON.parse(eventMessage('w', event, { text: fits }).body)).toMatchObject({
      data: { text: fits },
    });
    expect(JSON.parse(eventMessage('w', event, { text: `${fits}é` }).body)).toEqual({
      ...{ type: 'Weighed', timestamp: occurredAt.toISOString(), cursor: encodeCursor(7n) },
      ...{ version: 2, data: null },
    });
  });

  it('is signed as the example of Standard Webhooks is', () => {
    // From the specification: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    const headers = signedHeaders(
      { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' },
      // not a secret: the example of the specification
      ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
      new Date(1_614_265_330_000),
    );
    expect(headers).toMatchObject({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });
});

describe('a receiver', () => {
  it.each([
    'https://hooks.example.com',
    'https://hooks.example.com/a/b/',
    'https://hooks.example.com:8443/x',
  ])('is %s as it is', (url) => {
    expect(parseReceiver(url, false)).toBe(new URL(url).href);
  });

  it.each([
    ...['http://hooks.example.com', 'https://localhost/x', 'https://127.0.0.1/x', 'ftp://a.com/'],
    ...['https://[::1]/', 'https://10.1.2.3/', 'https://user:pw@a.com/', 'https://a.com/?q=1'],
    ...['https://a.com/#f', 'https://[::ffff:127.0.0.1]/', 'nothing', ''],
    `https://a.com/${'x'.repeat(1_000)}`,
  ])('is not %s', (url) => {
    expect(() => parseReceiver(url, false)).toThrow(InvalidInput);
  });

  it('has the types that there are, each once, and all of them for none', () => {
    const known = ['A', 'B', 'C'];
    expect(parseTypes(['C', 'A', 'C'], known)).toEqual(['A', 'C']);
    expect(parseTypes(null, known)).toEqual([]);
    expect(parseTypes(undefined, known)).toEqual([]);
    for (const bad of [[], ['D'], ['A', 'D']]) {
      expect(() => parseTypes(bad, known)).toThrow(InvalidInput);
    }
  });
});
