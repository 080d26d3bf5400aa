import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  Forbidden,
  IdempotencyConflict,
  InvalidInput,
  NotFound,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import {
  anonymousViewer,
  userViewer,
  type AuthenticatedViewer,
} from '../../../src/services/platform/viewer.ts';
import { WebhookLimit } from '../../../src/services/webhooks/errors.ts';
import { dumpTables } from '../../support/table-dump.ts';
import { createWebhookHouse, dataOf, signatureOf, type WebhookHouse } from './webhook-house.ts';

let house: WebhookHouse;
let ada: AuthenticatedViewer;
let bob: AuthenticatedViewer;
beforeAll(async () => {
  house = await createWebhookHouse();
  [ada, bob] = [await house.addPerson(), await house.addPerson()];
});

const key = () => ({ idempotencyKey: randomUUID() });
const url = 'https://hooks.example.com/token-in-the-path';
/** It is refused, and nothing at all is different. */
const unchanged = async (work: () => Promise<unknown>, error: new (...given: never[]) => Error) => {
  const before = await dumpTables(house.database);
  await expect(work()).rejects.toThrow(error);
  expect(await dumpTables(house.database)).toEqual(before);
};

describe('a new webhook', () => {
  test('begins at the head of the log; its secret is shown once, sealed, and told nobody', async () => {
    const head = await house.tell(ada, [{ n: 1 }]);
    const command = { url, types: ['Weighed'], ...key() };
    const { webhook, secret } = await house.webhooks.create(ada, command);
    expect(webhook).toMatchObject({
      ...{ url, types: ['Weighed'], state: 'ACTIVE', cursor: head, attempt: 0 },
      ...{ ownerId: ada.userId, lastDeliveredAt: null, lastFailureCode: null },
    });
    expect(secret).toMatch(/^whsec_/);
    const again = await house.webhooks.create(ada, command);
    expect(again).toEqual({ webhook, secret: null });
    await unchanged(
      () => house.webhooks.create(ada, { ...command, types: null }),
      IdempotencyConflict,
    );

    const everything = JSON.stringify(await dumpTables(house.database));
    expect(everything).not.toContain(String(secret).slice('whsec_'.length));
    expect(JSON.stringify([house.log.lines, house.log.fields])).not.toContain('whsec_');
    expect(await house.auditOf(webhook.id)).toEqual([
      {
        ...{ action: 'webhook.created', actor_id: ada.userId, before: null },
        after: {
          ...{ host: 'hooks.example.com', types: ['Weighed'], state: 'ACTIVE' },
          cursor: String(head),
        },
      },
    ]);
    await house.webhooks.delete(ada, { webhookId: webhook.id, ...key() });
  });

  test('is refused to nobody, to keys, to who may only look, and where it leads inside', async () => {
    const { webhooks } = house;
    const viewer = await house.addPerson('VIEWER');
    const withKey = userViewer({ userId: ada.userId, role: 'USER' }, {
      apiKey: {
        id: randomUUID(),
        environment: 'LIVE',
        scopes: ['READ', 'TRADE', 'AGENT', 'ADMIN'],
      },
    } as never);
    await unchanged(() => webhooks.create(anonymousViewer(), { url, ...key() }), Unauthenticated);
    await unchanged(() => webhooks.create(withKey, { url, ...key() }), Forbidden);
    await expect(webhooks.list(withKey, {})).rejects.toThrow(Forbidden);
    await unchanged(() => webhooks.create(viewer, { url, ...key() }), Forbidden);
    await unchanged(
      () => webhooks.create(ada, { url, types: ['Unheard'], ...key() }),
      InvalidInput,
    );
    await unchanged(
      () => webhooks.create(ada, { url: 'ftp://a.example/', ...key() }),
      InvalidInput,
    );
  });

  test('is one of ten, however many are asked for at once', async () => {
    const eve = await house.addPerson();
    const made = await Promise.allSettled(
      Array.from({ length: 14 }, () => house.webhooks.create(eve, { url, ...key() })),
    );
    const refused = made.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
    expect(refused).toHaveLength(4);
    expect(refused.every((error) => error instanceof WebhookLimit)).toBe(true);
    expect(await house.webhooks.count(eve)).toBe(10);
  });
});

describe("somebody else's webhook", () => {
  test('is neither seen nor touched', async () => {
    const { id: webhookId, cursor: after } = await house.add(ada, { url });
    const { webhooks } = house;
    expect(await webhooks.list(bob, { where: { id: webhookId } })).toEqual([]);
    expect(await webhooks.list(bob, { where: { OR: [{ ownerId: ada.userId }] } })).toEqual([]);
    expect(await webhooks.count(bob)).toBe(0);
    for (const id of [webhookId, randomUUID(), 'nothing']) {
      const of = { webhookId: id };
      await unchanged(() => webhooks.update(bob, { ...of, isPaused: true, ...key() }), NotFound);
      await unchanged(() => webhooks.update(bob, { ...of, url, ...key() }), NotFound);
      await unchanged(() => webhooks.rotateSecret(bob, { ...of, ...key() }), NotFound);
      await unchanged(() => webhooks.replay(bob, { ...of, after, ...key() }), NotFound);
      await unchanged(() => webhooks.delete(bob, { ...of, ...key() }), NotFound);
    }
    const admin = await house.addPerson('SUPER_ADMIN');
    expect(await webhooks.list(admin, {})).toEqual([]);
    await unchanged(() => webhooks.delete(admin, { webhookId, ...key() }), NotFound);
    await webhooks.delete(ada, { webhookId, ...key() });
  });
});

describe('a change', () => {
  test('is of what is named, and written down without the path of the URL', async () => {
    const { id: webhookId } = await house.add(ada, { url });
    const next = 'https://other.example.com/another-token';
    expect(
      await house.webhooks.update(ada, { webhookId, url: next, types: ['Counted'], ...key() }),
    ).toMatchObject({ url: next, types: ['Counted'], state: 'ACTIVE' });
    expect(await house.webhooks.update(ada, { webhookId, types: null, ...key() })).toMatchObject({
      ...{ url: next, types: [], state: 'ACTIVE' },
    });
    await unchanged(
      () => house.webhooks.update(ada, { webhookId, url: 'https://', ...key() }),
      InvalidInput,
    );
    const rows = JSON.stringify(await house.auditOf(webhookId));
    expect(rows).toContain('other.example.com');
    expect(rows).not.toContain('token');
    await house.webhooks.delete(ada, { webhookId, ...key() });
  });

  test('by somebody who may have none any more is to halt or to delete it', async () => {
    const cleo = await house.addPerson();
    const { id: webhookId } = await house.add(cleo, { url });
    await house.database.query(`UPDATE users SET role = 'VIEWER' WHERE id = $1`, [cleo.userId]);
    const demoted = userViewer({ userId: cleo.userId, role: 'VIEWER' });
    const { webhooks } = house;
    await unchanged(
      () => webhooks.update(demoted, { webhookId, isPaused: false, ...key() }),
      Forbidden,
    );
    const halted = await webhooks.update(demoted, { webhookId, isPaused: true, ...key() });
    expect(halted.state).toBe('PAUSED');
    expect(await webhooks.delete(demoted, { webhookId, ...key() })).toEqual({ webhookId });
  });

  test('sets back no further than the log is, and is done once for a key', async () => {
    const { id: webhookId, cursor } = await house.add(ada, { url });
    const head = await house.tell(bob, [{ n: 1 }]);
    const { webhooks } = house;
    await unchanged(
      () => webhooks.replay(ada, { webhookId, after: head + 1n, ...key() }),
      InvalidInput,
    );
    const command = { webhookId, after: 0n, ...key() };
    expect(await webhooks.replay(ada, command)).toMatchObject({ cursor: 0n });
    expect(await webhooks.replay(ada, { webhookId, after: cursor, ...key() })).toMatchObject({
      cursor,
    });
    expect(await webhooks.replay(ada, command)).toMatchObject({ cursor });
    await webhooks.delete(ada, { webhookId, ...key() });
  });
});

test('a secret that was rotated signs beside the new one for a day, and no longer', async () => {
  const cleo = await house.addPerson();
  const { id: webhookId, secret: first } = await house.add(cleo);
  const command = { webhookId, ...key() };
  const { secret: second } = await house.webhooks.rotateSecret(cleo, command);
  expect(second).not.toBe(first);
  expect(await house.webhooks.rotateSecret(cleo, command)).toMatchObject({ secret: null });
  const signed = async () => {
    house.receiver.received.length = 0;
    await house.tell(cleo, [{ n: 1 }]);
    await house.sender().send();
    const [request] = house.receiver.received;
    if (!request) throw new Error('Nothing came.');
    const signatures = String(request.headers['webhook-signature']).split(' ');
    return { signatures, by: (secret: string | null) => signatureOf(request, String(secret)) };
  };
  const both = await signed();
  expect(both.signatures).toEqual([both.by(second), both.by(first)]);
  const { secret: third } = await house.webhooks.rotateSecret(cleo, { webhookId, ...key() });
  const later = await signed();
  expect(later.signatures).toEqual([later.by(third), later.by(second)]);
  house.clock.advance(86_400);
  const alone = await signed();
  expect(alone.signatures).toEqual([alone.by(third)]);
});

test('a webhook that was deleted sends nothing more, and leaves no secret', async () => {
  const cleo = await house.addPerson();
  const { id: webhookId } = await house.add(cleo);
  await house.tell(cleo, [{ n: 1 }]);
  const command = { webhookId, ...key() };
  expect(await house.webhooks.delete(cleo, command)).toEqual({ webhookId });
  expect(await house.webhooks.delete(cleo, command)).toEqual({ webhookId });
  house.receiver.received.length = 0;
  await house.sender().send();
  expect(dataOf(house.receiver.received)).toEqual([]);
  const sql = 'SELECT 1 FROM webhook_secrets WHERE owner_id = $1';
  expect(await house.database.query(sql, [cleo.userId])).toEqual([]);
});
