import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../../support/receiver.ts';
import { createWebhookHouse, dataOf, type WebhookHouse } from './webhook-house.ts';

let house: WebhookHouse;
beforeAll(async () => {
  house = await createWebhookHouse();
});
beforeEach(async () => {
  await house.database.query('DELETE FROM webhooks');
  house.receiver.received.length = 0;
  answerWith(500);
});

const answerWith = (status: number, headers: Record<string, string> = {}): void => {
  house.receiver.answer = (response) =>
    response.writeHead(status, headers).end('a secret of theirs');
};
const idsOf = (received: readonly Received[]) =>
  received.map(({ headers }) => headers['webhook-id']);
const inSeconds = (seconds: number) => new Date(house.clock.now().getTime() + seconds * 1_000);

/** A webhook of somebody new with two events to send. */
async function oneThatWaits() {
  const ada = await house.addPerson();
  const webhook = await house.add(ada);
  await house.tell(ada, [{ n: 1 }, { n: 2 }]);
  return { ada, ...webhook };
}

describe('an event that was not taken', () => {
  test('is tried again after 5, 20 and 80 seconds, and what follows waits behind it', async () => {
    const { id } = await oneThatWaits();
    for (const [attempt, pause] of [[1, 5] as const, [2, 20] as const, [3, 80] as const]) {
      expect(await house.sender().send()).toBe(0);
      expect(await house.row(id)).toMatchObject({
        ...{ state: 'RETRYING', attempt, next_attempt_at: inSeconds(pause) },
        last_failure_code: 'BAD_STATUS',
        last_failure: 'The receiver did not take it. It answered with the status 500.',
      });
      // Not a second before its time.
      house.clock.advance(pause - 1);
      await house.sender().send();
      expect(house.receiver.received).toHaveLength(attempt);
      house.clock.advance(1);
    }
    answerWith(200);
    expect(await house.sender().send()).toBe(2);
    expect(dataOf(house.receiver.received)).toEqual([
      ...[{ n: 1 }, { n: 1 }, { n: 1 }, { n: 1 }],
      { n: 2 },
    ]);
    const ids = idsOf(house.receiver.received);
    expect(new Set(ids.slice(0, 4)).size).toBe(1);
    expect(ids[4]).not.toBe(ids[0]);
    expect(await house.row(id)).toMatchObject({
      ...{ state: 'ACTIVE', attempt: 0, next_attempt_at: inSeconds(3_600) },
    });
  });

  test.each([
    [429, { 'retry-after': '120' }, 120],
    [503, { 'retry-after': 'Sun, 22 Nov 2026 12:30:00 GMT' }, 1_800],
    // Not more than six hours, and of the others it is not asked.
    [503, { 'retry-after': '999999' }, 21_600],
    [500, { 'retry-after': '120' }, 5],
  ])('answered with %i and %j is tried again in %i s', async (status, headers, seconds) => {
    house.clock.set('2026-11-22T12:00:00Z');
    const { id } = await oneThatWaits();
    answerWith(status, headers);
    await house.sender().send();
    expect(await house.row(id)).toMatchObject({
      ...{ state: 'RETRYING', next_attempt_at: inSeconds(seconds) },
    });
  });

  test('is not taken by who sends it elsewhere, and nobody goes there', async () => {
    const { id } = await oneThatWaits();
    answerWith(307, { location: `${house.url}/elsewhere` });
    await house.sender().send();
    expect(house.receiver.received.map(({ path }) => path)).toEqual(['/hook']);
    expect(await house.row(id)).toMatchObject({ last_failure_code: 'REDIRECTED' });
  });

  test('is not taken by who does not answer in time', async () => {
    const { id } = await oneThatWaits();
    house.receiver.answer = () => undefined;
    await house.sender({ totalMs: 300 }).send();
    expect(await house.row(id)).toMatchObject({
      state: 'RETRYING',
      last_failure_code: 'TIMED_OUT',
    });
  });

  test('is tried at once at a new address, and when its owner says so', async () => {
    const { id: webhookId, ada } = await oneThatWaits();
    const update = (change: { url?: string; isPaused?: boolean }) =>
      house.webhooks.update(ada, { webhookId, ...change, idempotencyKey: randomUUID() });
    await house.sender().send();
    expect(await update({ isPaused: false })).toMatchObject({ state: 'ACTIVE', attempt: 0 });
    await house.sender().send();
    expect(house.receiver.received).toHaveLength(2);
    answerWith(200);
    expect(await update({ url: `${house.url}/new` })).toMatchObject({ state: 'ACTIVE' });
    expect(await house.sender().send()).toBe(2);
    expect(house.receiver.received.map(({ path }) => path)).toEqual([
      ...['/hook', '/hook'],
      ...['/hook/new', '/hook/new'],
    ]);
  });
});

describe('a receiver that takes nothing', () => {
  test('is given up after ten tries; its owner is told, and it goes on where it stood', async () => {
    const { id, ada } = await oneThatWaits();
    const start = house.clock.now().getTime();
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      await house.sender().send();
      const row = await house.row(id);
      const next = row?.['next_attempt_at'] as Date | null;
      expect(row).toMatchObject({ attempt, state: next ? 'RETRYING' : 'DISABLED' });
      if (next) house.clock.set(next.toISOString());
    }
    // 5 + 20 + 80 + 320 + 1,280 + 5,120 + 20,480 s, and twice 6 h: 19 hours and a half.
    expect((house.clock.now().getTime() - start) / 1_000).toBe(27_305 + 2 * 21_600);
    expect(house.receiver.received).toHaveLength(10);
    await expectToldOf(ada, id, 'BAD_STATUS');

    house.clock.advance(86_400);
    await house.sender().send();
    expect(house.receiver.received).toHaveLength(10);
    answerWith(200);
    await house.webhooks.update(ada, {
      ...{ webhookId: id, isPaused: false, idempotencyKey: randomUUID() },
    });
    expect(await house.sender().send()).toBeGreaterThanOrEqual(2);
    expect(dataOf(house.receiver.received).slice(10, 12)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('and says that it is gone, is given up at once', async () => {
    const { id, ada } = await oneThatWaits();
    answerWith(410);
    await house.sender().send();
    expect(await house.row(id)).toMatchObject({ state: 'DISABLED', attempt: 1 });
    await expectToldOf(ada, id, 'GONE');
  });

  /** An audit row, an event and a mail, none of which says where the webhook leads or what it answered. */
  async function expectToldOf(owner: { userId: string }, webhookId: string, code: string) {
    const { query } = house.database;
    const audit = await house.auditOf(webhookId);
    expect(audit.map(({ action }) => String(action))).toEqual([
      'webhook.created',
      'webhook.disabled',
    ]);
    expect(audit[1]).toMatchObject({ actor_id: null, after: { state: 'DISABLED', code } });
    const mails = await query('SELECT template, recipient, data FROM mails WHERE owner_id = $1', [
      owner.userId,
    ]);
    expect(mails).toMatchObject([{ template: 'webhook-disabled' }]);
    const events = await query<{ payload: object }>(
      `SELECT payload FROM (SELECT owner_id, type, payload FROM outbox
         UNION ALL SELECT owner_id, type, payload FROM event_log) AS e
       WHERE owner_id = $1 AND type = 'WebhookDisabled'`,
      [owner.userId],
    );
    expect(events.map(({ payload }) => payload)).toMatchObject([{ webhookId, code }]);
    const told = JSON.stringify([audit, mails, events, house.log.lines, house.log.fields]);
    expect(told).not.toContain('/hook');
    expect(told).not.toContain('a secret of theirs');
    expect(told).not.toContain('whsec_');
  }
});

test('a secret that does not open holds up its own webhook, and is told to operators', async () => {
  const { id } = await oneThatWaits();
  await house.database.query(
    'UPDATE webhook_secrets SET sealed_value = sha256($2::bytea) WHERE webhook_id = $1',
    [id, 'meddled with'],
  );
  await house.sender().send();
  expect(house.receiver.received).toEqual([]);
  expect(house.log.lines.at(-1)?.message).toBe('A webhook could not be served.');
  expect(await house.row(id)).toMatchObject({ state: 'ACTIVE', attempt: 0 });
});
