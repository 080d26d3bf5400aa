import { execFile } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../support/outbox.ts';
import { statementsOf } from '../../support/statement-watch.ts';
import { createWebhookHouse, dataOf, type WebhookHouse } from './webhook-house.ts';

let house: WebhookHouse;
beforeAll(async () => {
  house = await createWebhookHouse();
});
beforeEach(async () => {
  await house.database.query('DELETE FROM webhooks');
  house.receiver.received.length = 0;
});

const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

test('any number of processes send, each event once while none of them dies', async () => {
  const people = [await house.addPerson(), await house.addPerson(), await house.addPerson()];
  house.receiver.answer = (response) => response.writeHead(204).end();
  for (const person of people) {
    await house.add(person);
    await house.tell(person, numbers(30));
  }
  const counts = await Promise.all([1, 2, 3].map(() => house.sender().send()));
  expect(counts.reduce((sum, count) => sum + count)).toBe(90);
  const ids = house.receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(90);
});

test('a process that hangs loses its webhook: the event at hand comes twice, and none is lost', async () => {
  const ada = await house.addPerson();
  const { id } = await house.add(ada);
  const head = await house.tell(ada, numbers(3));
  const held: ServerResponse[] = [];
  house.receiver.answer = (response) => void held.push(response);
  const hanging = house.sender().send();
  await eventually('the first event has come', () => held.length === 1);
  // Nobody else takes it while its lease lasts.
  expect(await house.sender().send()).toBe(0);

  house.clock.advance(46);
  house.receiver.answer = (response) => response.writeHead(204).end();
  expect(await house.sender().send()).toBe(3);
  for (const response of held) response.writeHead(204).end();
  // What it was told counts no more, and it goes on with nothing.
  expect(await hanging).toBe(1);
  expect(dataOf(house.receiver.received)).toEqual([{ n: 0 }, ...numbers(3)]);
  const [first, second] = house.receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(first).toBe(second);
  expect(await house.row(id)).toMatchObject({ cursor: Number(head), state: 'ACTIVE' });
});

test('a process that is killed when an event was taken loses none: that one comes again', async () => {
  const ada = await house.addPerson();
  const { id } = await house.add(ada);
  const head = await house.tell(ada, numbers(3));
  house.receiver.answer = (response) => response.writeHead(204).end();
  const program = path.join(import.meta.dirname, 'post-and-die.ts');
  const { workerUrl } = house.database;
  const signal = await new Promise((resolve) => {
    const child = execFile(process.execPath, [
      ...[program, workerUrl],
      house.clock.now().toISOString(),
    ]);
    child.on('exit', (_code, by) => {
      resolve(by);
    });
  });
  expect(signal).toBe('SIGKILL');
  expect(dataOf(house.receiver.received)).toEqual([{ n: 0 }]);
  // Its lease holds until it is over.
  expect(await house.sender().send()).toBe(0);
  house.clock.advance(46);
  expect(await house.sender().send()).toBe(3);
  expect(dataOf(house.receiver.received)).toEqual([{ n: 0 }, ...numbers(3)]);
  const [first, second] = house.receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(first).toBe(second);
  expect(await house.row(id)).toMatchObject({ cursor: Number(head), state: 'ACTIVE' });
});

test('a failure that comes after the webhook was lost is not kept', async () => {
  const ada = await house.addPerson();
  const { id } = await house.add(ada);
  await house.tell(ada, numbers(1));
  const held: ServerResponse[] = [];
  house.receiver.answer = (response) => void held.push(response);
  const hanging = house.sender().send();
  await eventually('the event has come', () => held.length === 1);
  house.clock.advance(46);
  house.receiver.answer = (response) => response.writeHead(204).end();
  expect(await house.sender().send()).toBe(1);
  for (const response of held) response.writeHead(500).end();
  expect(await hanging).toBe(0);
  expect(await house.row(id)).toMatchObject({ state: 'ACTIVE', attempt: 0, last_failure: null });
});

test('a replay while an event is under way is not undone by it', async () => {
  const ada = await house.addPerson();
  const { id: webhookId, cursor } = await house.add(ada);
  await house.tell(ada, numbers(2));
  house.receiver.answer = (response) => response.writeHead(204).end();
  await house.sender().send();
  const head = await house.tell(ada, [{ n: 2 }]);
  const held: ServerResponse[] = [];
  house.receiver.answer = (response) => void held.push(response);
  const sending = house.sender().send();
  await eventually('the third event has come', () => held.length === 1);
  await house.webhooks.replay(ada, { webhookId, after: cursor, idempotencyKey: 'again' });
  house.receiver.answer = (response) => response.writeHead(204).end();
  for (const response of held) response.writeHead(204).end();
  await sending;
  await house.sender().send();
  expect(dataOf(house.receiver.received)).toEqual([...numbers(3), ...numbers(3)]);
  const ids = house.receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids.slice(3)).toEqual(ids.slice(0, 3));
  expect(await house.row(webhookId)).toMatchObject({ cursor: Number(head) });
});

test('a process that stops breaks off what hangs, and another goes on at once', async () => {
  const ada = await house.addPerson();
  const { id } = await house.add(ada);
  await house.tell(ada, numbers(2));
  const held: ServerResponse[] = [];
  house.receiver.answer = (response) => void held.push(response);
  const stopped = house.sender();
  const sending = stopped.send();
  await eventually('the first event has come', () => held.length === 1);
  await stopped.stop();
  expect(await sending).toBe(0);
  expect(await house.row(id)).toMatchObject({ state: 'ACTIVE', attempt: 0, last_failure: null });
  house.receiver.answer = (response) => response.writeHead(204).end();
  expect(await house.sender().send()).toBe(2);
});

test('the webhooks of one person are served two at a time', async () => {
  const ada = await house.addPerson();
  for (const name of ['a', 'b', 'c']) await house.add(ada, { url: `${house.url}/${name}` });
  await house.tell(ada, numbers(1));
  const held: ServerResponse[] = [];
  house.receiver.answer = (response) => void held.push(response);
  const sending = house.sender().send();
  await eventually('two of them are asked', () => held.length === 2);
  expect(await house.rows.claim(house.clock.now())).toBeUndefined();
  house.receiver.answer = (response) => response.writeHead(204).end();
  for (const response of held) response.writeHead(204).end();
  expect(await sending).toBe(3);
});

test('many are found with one look at all of them, and each is taken by one', async () => {
  const people = await Promise.all(Array.from({ length: 12 }, () => house.addPerson()));
  for (const person of people) await house.add(person);
  for (const person of people) await house.tell(person, numbers(1));
  const taken: (string | undefined)[] = [];
  const sent = await statementsOf(async () => {
    for (let n = 0; n < 12; n += 1) {
      taken.push((await house.rows.claim(house.clock.now()))?.ownerId);
    }
  }, 'tradegraph_worker');
  expect(taken.toSorted()).toEqual(people.map(({ userId }) => userId).toSorted());
  expect(sent.filter((text) => text.includes('ORDER BY w.leased_until'))).toHaveLength(1);
  expect(await house.rows.claim(house.clock.now())).toBeUndefined();
});

test('one that was found is looked at again when it is taken', async () => {
  const people = [await house.addPerson(), await house.addPerson(), await house.addPerson()];
  for (const person of people) await house.add(person);
  for (const person of people) await house.tell(person, numbers(1));
  const first = await house.rows.claim(house.clock.now());
  // Of the two others one is paused, and one is taken by another process.
  const others = people.filter(({ userId }) => userId !== first?.ownerId);
  await house.database.query("UPDATE webhooks SET state = 'PAUSED' WHERE owner_id = $1", [
    others[0]?.userId,
  ]);
  await house.database.query('UPDATE webhooks SET leased_until = $2 WHERE owner_id = $1', [
    others[1]?.userId,
    new Date(house.clock.now().getTime() + 1),
  ]);
  expect(await house.rows.claim(house.clock.now())).toBeUndefined();
});
