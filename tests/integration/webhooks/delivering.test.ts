import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeCursor } from '../../../src/services/platform/event-log/cursor.ts';
import { eventually } from '../../support/outbox.ts';
import { createWebhookHouse, dataOf, signatureOf, type WebhookHouse } from './webhook-house.ts';

let house: WebhookHouse;
beforeAll(async () => {
  house = await createWebhookHouse();
});
beforeEach(async () => {
  await house.database.query('DELETE FROM webhooks');
  house.receiver.received.length = 0;
  house.receiver.answer = (response) => response.writeHead(204).end();
});

const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

describe('a webhook', () => {
  test('sends what happens from then on to its owner, in order, and nothing of others', async () => {
    const [ada, bob] = [await house.addPerson(), await house.addPerson()];
    await house.tell(ada, [{ n: 'before' }]);
    const { id } = await house.add(ada);
    await house.tell(bob, [{ n: 'of bob' }]);
    // More than a page has, so that it takes several turns.
    const head = await house.tell(ada, numbers(120));
    expect(await house.sender().send()).toBe(120);
    expect(dataOf(house.receiver.received)).toEqual(numbers(120));
    expect(await house.row(id)).toMatchObject({
      ...{ state: 'ACTIVE', cursor: Number(head), attempt: 0, last_failure_code: null },
      last_delivered_at: house.clock.now(),
    });
    expect(await house.sender().send()).toBe(0);
  });

  test('tells the type, the time, the place and an id of the event, and signs all of it', async () => {
    const ada = await house.addPerson();
    const { secret } = await house.add(ada);
    const head = await house.tell(ada, [{ price: '12.50' }]);
    await house.sender().send();
    const [request] = house.receiver.received;
    if (!request) throw new Error('Nothing came.');
    expect(request.path).toBe('/hook');
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Tradegraph-Webhooks/1',
      'webhook-id': expect.stringMatching(/^msg_[0-9a-f-]{36}$/) as string,
      // 2026-11-22T12:00:00Z.
      'webhook-timestamp': '1795348800',
    });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(request.headers['webhook-signature']).toBe(signatureOf(request, secret));
    expect(JSON.parse(request.body)).toEqual({
      ...{ type: 'Weighed', version: 1, cursor: encodeCursor(head) },
      timestamp: '2026-11-20T12:00:00.123Z',
      data: { price: '12.50' },
    });
  });

  test('sends the types that it is for, and moves past all others', async () => {
    const ada = await house.addPerson();
    const { id } = await house.add(ada, { types: ['Weighed'] });
    await house.tell(ada, numbers(3), 'Counted');
    await house.tell(ada, [{ n: 'wanted' }]);
    const head = await house.tell(ada, numbers(2), 'Counted');
    await house.sender().send();
    expect(dataOf(house.receiver.received)).toEqual([{ n: 'wanted' }]);
    expect(await house.row(id)).toMatchObject({ cursor: Number(head) });
  });

  test('tells of an event that cannot be told, or is too long, that there was one', async () => {
    const ada = await house.addPerson();
    await house.add(ada);
    await house.tell(ada, [{}], 'Broken');
    await house.tell(ada, [{ text: 'x'.repeat(70_000) }]);
    await house.tell(ada, [{ n: 'short' }]);
    expect(await house.sender().send()).toBe(3);
    expect(dataOf(house.receiver.received)).toEqual([null, null, { n: 'short' }]);
  });

  test('that sleeps without news falls behind no log: its cursor moves along', async () => {
    const [ada, bob] = [await house.addPerson(), await house.addPerson()];
    const { id } = await house.add(ada);
    await house.tell(ada, [{ n: 1 }]);
    await house.sender().send();
    const head = await house.tell(bob, numbers(5));
    await house.sender().send();
    expect(await house.row(id)).toMatchObject({ cursor: Number(head) - 5 });
    house.clock.advance(3_601);
    await house.sender().send();
    expect(await house.row(id)).toMatchObject({ cursor: Number(head), state: 'ACTIVE' });
    expect(house.receiver.received).toHaveLength(1);
  });

  test('whose cursor is older than the log begins with the gap', async () => {
    const ada = await house.addPerson();
    const { id } = await house.add(ada);
    const head = await house.tell(ada, numbers(4));
    const floor = head - 1n;
    const before = await house.row(id);
    await house.database.query('UPDATE event_head SET position = $1 WHERE id = 2', [String(floor)]);
    try {
      await house.sender().send();
    } finally {
      await house.database.query('UPDATE event_head SET position = 0 WHERE id = 2');
    }
    const from = encodeCursor(BigInt(String(before?.['cursor'])));
    expect(house.receiver.received.map(({ body }) => JSON.parse(body) as object)).toEqual([
      {
        ...{ type: 'StreamGap', version: 1, timestamp: house.clock.now().toISOString() },
        data: { reason: 'TOO_OLD', from, oldest: encodeCursor(head) },
      },
      expect.objectContaining({ data: { n: 3 }, cursor: encodeCursor(head) }) as object,
    ]);
  });
});

describe('who gets nothing', () => {
  test('is one whose webhook is paused, until it goes on where it stood', async () => {
    const ada = await house.addPerson();
    const { id: webhookId } = await house.add(ada);
    const set = (isPaused: boolean) =>
      house.webhooks.update(ada, { webhookId, isPaused, idempotencyKey: randomUUID() });
    expect(await set(true)).toMatchObject({ state: 'PAUSED' });
    await house.tell(ada, numbers(2));
    expect(await house.sender().send()).toBe(0);
    expect(await set(false)).toMatchObject({ state: 'ACTIVE' });
    expect(await house.sender().send()).toBe(2);
    expect(dataOf(house.receiver.received)).toEqual(numbers(2));
  });

  test.each([
    ['was disabled', `status = 'DISABLED'`, `status = 'ACTIVE'`],
    ['may have no webhooks any more', `role = 'VIEWER'`, `role = 'USER'`],
  ])('is a person who %s', async (_what, off, on) => {
    const ada = await house.addPerson();
    await house.add(ada);
    await house.tell(ada, numbers(2));
    const set = (to: string) =>
      house.database.query(`UPDATE users SET ${to} WHERE id = $1`, [ada.userId]);
    await set(off);
    expect(await house.sender().send()).toBe(0);
    expect(house.receiver.received).toEqual([]);
    await set(on);
    expect(await house.sender().send()).toBe(2);
  });

  test('is a person who is disabled in the middle, from the next event on', async () => {
    const ada = await house.addPerson();
    await house.add(ada);
    await house.tell(ada, numbers(3));
    house.receiver.answer = (response) => {
      house.database
        .query(`UPDATE users SET status = 'DISABLED' WHERE id = $1`, [ada.userId])
        .then(() => response.writeHead(200).end())
        .catch(() => response.destroy());
    };
    await house.sender().send();
    expect(dataOf(house.receiver.received)).toEqual([{ n: 0 }]);
  });
});

test('a receiver that does not answer holds up its own webhook, and no other', async () => {
  const [ada, bob] = [await house.addPerson(), await house.addPerson()];
  const slow = await house.add(ada, { url: `${house.url}/slow` });
  const quick = await house.add(bob, { url: `${house.url}/quick` });
  const held: (() => void)[] = [];
  house.receiver.answer = (response, { path }) => {
    const end = () => response.writeHead(204).end();
    if (path.endsWith('slow')) held.push(end);
    else end();
  };
  await house.tell(ada, numbers(1));
  await house.tell(bob, numbers(3));
  const sending = house.sender().send();
  await eventually('the quick one has all of it', async () => {
    const row = await house.row(quick.id);
    return row?.['attempt'] === 0 && house.receiver.received.length === 4;
  });
  expect(await house.row(slow.id)).toMatchObject({ last_delivered_at: null });
  await eventually('the slow one was asked', () => held.length === 1);
  for (const end of held) end();
  expect(await sending).toBe(4);
});
