import { execFile } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMailHouse } from '../../support/mail-house.ts';
import { startMailRelay } from '../../support/mail-relay.ts';
import { smtpTo } from '../../support/mail-transports.ts';

const house = await createMailHouse({
  'password-reset': ({ recipient }) =>
    Promise.resolve(
      recipient === 'ada@example.com' ? { username: 'ada', token: 'tg_mail_secret' } : undefined,
    ),
});
const { clock } = house;
const inSeconds = (seconds: number) => new Date(clock.now().getTime() + seconds * 1_000);

describe('a mail that waits', () => {
  it('is sent once, with what it is about', async () => {
    const relay = await startMailRelay();
    const id = await house.add();
    const sender = house.sender(smtpTo(relay.port));
    expect(await sender.send()).toBe(1);
    expect(await sender.send()).toBe(0);
    expect(await house.row(id)).toEqual({
      ...{ status: 'SENT', attempts: 1, last_error: null },
      ...{ sent_at: clock.now(), next_attempt_at: null },
    });
    expect(relay.received).toHaveLength(1);
    expect(relay.received[0]?.mail).toMatchObject({
      subject: 'Your account is ready',
      messageId: `<${id}@tradegraph.example>`,
    });
    expect(relay.received[0]?.mail.text).toContain('Hello ada,');
  });

  it('gets its secret as it is sent, and none is stored', async () => {
    const relay = await startMailRelay();
    const id = await house.add({ template: 'password-reset', data: {} });
    await house.sender(smtpTo(relay.port)).send();
    const link = 'https://app.example.com/reset-password#token=tg_mail_secret';
    expect(relay.received[0]?.mail.text).toContain(link);
    expect(relay.received[0]?.mail.html).toContain(`href="${link}"`);
    const stored = await house.database.query('SELECT * FROM mails WHERE id = $1', [id]);
    expect(JSON.stringify(stored)).not.toContain('tg_mail_secret');
  });

  it('for nobody is dropped, and no connection is made', async () => {
    const relay = await startMailRelay();
    const id = await house.add({
      ...{ template: 'password-reset', data: {}, recipient: 'nobody@example.com' },
    });
    expect(await house.sender(smtpTo(relay.port)).send()).toBe(0);
    expect(await house.row(id)).toMatchObject({ status: 'DROPPED', attempts: 1 });
    expect(relay.connections()).toBe(0);
  });

  it('that this version does not know fails, and is logged once without its address', async () => {
    const relay = await startMailRelay();
    const ids = [
      await house.add({ template: 'of-another-version' }),
      await house.add({ template: 'account-approved', data: { user: 'ada' } }),
    ];
    house.log.lines.length = 0;
    house.log.fields.length = 0;
    await house.sender(smtpTo(relay.port)).send();
    for (const id of ids) expect(await house.row(id)).toMatchObject({ status: 'FAILED' });
    expect(house.log.lines.map(({ level }) => level)).toEqual(['error', 'error']);
    expect(JSON.stringify(house.log.fields)).not.toContain('@example.com');
  });

  it('waits on where there is no relay', async () => {
    const id = await house.add();
    expect(await house.sender(undefined).send()).toBe(0);
    expect(await house.row(id)).toMatchObject({ status: 'QUEUED', attempts: 0 });
    const relay = await startMailRelay();
    expect(await house.sender(smtpTo(relay.port)).send()).toBe(1);
  });
});

describe('a mail that is not taken', () => {
  it('is tried again later, and leaves then', async () => {
    const relay = await startMailRelay();
    relay.refuse({ at: 'RCPT', code: 450, text: 'Greylisted' });
    const id = await house.add();
    const sender = house.sender(smtpTo(relay.port));
    await sender.send();
    // 30 s after the first try, and the relay itself is fine.
    expect(await house.row(id)).toMatchObject({
      ...{ status: 'QUEUED', attempts: 1, next_attempt_at: inSeconds(30) },
      last_error: expect.stringContaining('Greylisted') as string,
    });
    expect(sender.isFailing).toBe(false);
    clock.advance(29);
    expect(await sender.send()).toBe(0);
    clock.advance(1);
    expect(await sender.send()).toBe(1);
    expect(await house.row(id)).toMatchObject({ status: 'SENT', attempts: 2, last_error: null });
  });

  it('for good fails at once', async () => {
    const relay = await startMailRelay();
    relay.refuse({ at: 'RCPT', code: 550, text: 'No such person' });
    const id = await house.add();
    const sender = house.sender(smtpTo(relay.port));
    await sender.send();
    expect(await house.row(id)).toMatchObject({
      ...{ status: 'FAILED', attempts: 1, next_attempt_at: null },
      last_error: expect.stringContaining('No such person') as string,
    });
    clock.advance(86_400);
    expect(await sender.send()).toBe(0);
  });

  it('for a day fails then', async () => {
    const relay = await startMailRelay();
    const id = await house.add();
    const sender = house.sender(smtpTo(relay.port));
    for (let attempt = 1; attempt <= 30; attempt += 1) {
      relay.refuse({ at: 'DATA', code: 451, text: 'Not now' });
      await sender.send();
      const next = (await house.row(id))?.next_attempt_at;
      if (next) clock.set(next.toISOString());
    }
    expect(await house.row(id)).toMatchObject({ status: 'FAILED', attempts: 30 });
  });

  it('because the relay is away leaves the others alone for a while, and is logged once', async () => {
    const relay = await startMailRelay();
    const ids = [];
    for (let count = 0; count < 8; count += 1) ids.push(await house.add());
    house.log.lines.length = 0;
    const nowhere = house.sender(smtpTo(1));
    expect(await nowhere.send()).toBe(0);
    expect(nowhere.isFailing).toBe(true);
    expect(await nowhere.send()).toBe(0);
    const rows = await Promise.all(ids.map((id) => house.row(id)));
    // Five at once, and then it rests.
    expect(rows.filter((row) => row?.attempts === 1)).toHaveLength(5);
    expect(rows.every((row) => row?.status === 'QUEUED')).toBe(true);
    expect(house.log.lines).toHaveLength(1);
    clock.advance(60);
    expect(await house.sender(smtpTo(relay.port)).send()).toBe(8);
  });
});

describe('several senders at once', () => {
  it('never send one mail twice', async () => {
    const relay = await startMailRelay();
    const ids = [];
    for (let count = 0; count < 40; count += 1) ids.push(await house.add());
    const counts = await Promise.all(
      [1, 2, 3, 4].map(() => house.sender(smtpTo(relay.port)).send()),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40);
    const sent = relay.received.map(({ mail }) => mail.messageId);
    expect(sent.toSorted()).toEqual(ids.map((id) => `<${id}@tradegraph.example>`).toSorted());
  });

  it('leave a mail to who took it, until its lease is over', async () => {
    const relay = await startMailRelay();
    const id = await house.add();
    const other = house.sender(smtpTo(relay.port));
    relay.onMail = async () => {
      relay.onMail = () => undefined;
      clock.advance(119);
      expect(await other.send()).toBe(0);
      // Two minutes on, its sender counts as dead: it is sent again, and the late note changes nothing.
      clock.advance(1);
      expect(await other.send()).toBe(1);
    };
    expect(await house.sender(smtpTo(relay.port)).send()).toBe(1);
    expect(relay.received).toHaveLength(2);
    expect(await house.row(id)).toMatchObject({ status: 'SENT', attempts: 2 });
  });
});

it('a sender that stops breaks off what takes too long, and the mail goes on at once', async () => {
  const id = await house.add();
  const started = Promise.withResolvers<undefined>();
  const sender = house.sender({
    deliver: (_message, signal) => {
      started.resolve(undefined);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('Broken off.'));
        });
      });
    },
  });
  sender.start();
  await started.promise;
  await sender.stop();
  expect(await house.row(id)).toMatchObject({ status: 'QUEUED', next_attempt_at: clock.now() });
});

it('a sender that is killed between the relay and its note sends the mail again, under the same id', async () => {
  const relay = await startMailRelay();
  clock.set('2026-11-21T17:20:00Z');
  const id = await house.add();
  const program = path.join(import.meta.dirname, 'send-and-die.ts');
  const { workerUrl } = house.database;
  const signal = await new Promise((resolve) => {
    const child = execFile(process.execPath, [program, workerUrl, String(relay.port)]);
    child.on('exit', (_code, by) => {
      resolve(by);
    });
  });
  expect(signal).toBe('SIGKILL');
  expect(relay.received).toHaveLength(1);
  const sender = house.sender(smtpTo(relay.port));
  expect(await sender.send()).toBe(0);
  clock.advance(120);
  expect(await sender.send()).toBe(1);
  expect(relay.received.map(({ mail }) => mail.messageId)).toEqual([
    `<${id}@tradegraph.example>`,
    `<${id}@tradegraph.example>`,
  ]);
  expect(await house.row(id)).toMatchObject({ status: 'SENT', attempts: 2 });
});
