import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { MailStateConflict } from '../../../src/services/administration/errors.ts';
import { Forbidden, NotFound } from '../../../src/services/platform/errors.ts';
import { createTestDatabase } from '../../support/database.ts';
import { openGraph } from '../../support/graph.ts';
import { addPerson } from '../../support/people.ts';

const database = await createTestDatabase();
const graph = await openGraph(database);
afterAll(() => graph.app.stop());
const { mailAdministration: mails } = graph.app.services;
const admin = await addPerson(graph, database, { username: 'root', role: 'ADMIN' });
const user = await addPerson(graph, database, { username: 'ada', role: 'USER' });

async function addMail(status: 'QUEUED' | 'SENT' | 'FAILED' | 'DROPPED'): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO mails (id, recipient, template, data, status, attempts, created_at, sent_at,
       next_attempt_at, last_error)
     VALUES ($1, 'ada@example.com', 'account-enabled', '{"username": "what stands in it"}',
       $2::mail_status, 7, now(), CASE WHEN $2 = 'SENT' THEN now() END,
       CASE WHEN $2 = 'QUEUED' THEN now() END, CASE WHEN $2 = 'FAILED' THEN 'No such person' END)`,
    [id, status],
  );
  return id;
}
const rowOf = async (id: string) => {
  const [row] = await database.query('SELECT * FROM mails WHERE id = $1', [id]);
  return row;
};
const retry = (mailId: string, { viewer } = admin, idempotencyKey: string = randomUUID()) =>
  mails.retry(viewer(), { mailId, idempotencyKey });

describe('an administrator', () => {
  it('sees what became of mails, and nothing that stands in them', async () => {
    const id = await addMail('FAILED');
    await addMail('SENT');
    const answer = await graph.ask(
      `{ admin { mails(filter: { status: [FAILED] }) { totalCount
        nodes { id recipient template status attempts lastError nextAttemptAt sentAt } } } }`,
      await graph.logIn(admin),
    );
    expect(answer).toEqual({
      data: {
        admin: {
          mails: {
            totalCount: 1,
            nodes: [
              {
                ...{ id, recipient: 'ada@example.com', template: 'account-enabled' },
                ...{ status: 'FAILED', attempts: 7, lastError: 'No such person' },
                ...{ nextAttemptAt: null, sentAt: null },
              },
            ],
          },
        },
      },
    });
    const listed = await mails.list(admin.viewer(), {}, {});
    expect(JSON.stringify(listed)).not.toContain('what stands in it');
  });

  it('has a mail that failed sent as if it were new, once for a key, and that is recorded', async () => {
    const id = await addMail('FAILED');
    const key = randomUUID();
    expect(await retry(id, admin, key)).toMatchObject({ id, status: 'QUEUED', attempts: 0 });
    await retry(id, admin, key);
    expect(await rowOf(id)).toMatchObject({ status: 'QUEUED', attempts: 0 });
    const records = await database.query(
      `SELECT action, actor_id FROM audit_records WHERE target_type = 'Mail' AND target_id = $1`,
      [id],
    );
    expect(records).toEqual([{ action: 'mail.retried', actor_id: admin.id }]);
  });

  it.each(['QUEUED', 'SENT', 'DROPPED'] as const)(
    'sends no mail again that is %s',
    async (status) => {
      const id = await addMail(status);
      const before = await rowOf(id);
      await expect(retry(id)).rejects.toThrow(MailStateConflict);
      expect(await rowOf(id)).toEqual(before);
    },
  );

  it('is told of an id that is none', async () => {
    await expect(retry(randomUUID())).rejects.toThrow(NotFound);
    await expect(retry('none')).rejects.toThrow(NotFound);
  });
});

describe('whoever is none', () => {
  it('sees no mail and has none sent, and is written down for trying', async () => {
    const id = await addMail('FAILED');
    const before = await rowOf(id);
    await expect(mails.list(user.viewer(), {}, {})).rejects.toThrow(Forbidden);
    await expect(mails.count(user.viewer(), {})).rejects.toThrow(Forbidden);
    await expect(retry(id, user)).rejects.toThrow(Forbidden);
    expect(await rowOf(id)).toEqual(before);
    const records = await database.query('SELECT action FROM audit_records WHERE actor_id = $1', [
      user.id,
    ]);
    expect(records).toEqual([{ action: 'mail.change-refused' }]);
  });

  it('gets through no wall of the database: it reads no mail, and queues but new ones', async () => {
    const id = await addMail('FAILED');
    const before = await rowOf(id);
    const { server } = database;
    expect(await server.snapshot(user.viewer(), (tx) => tx.mail.count())).toBe(0);
    const changed = await server.withViewer(user.viewer(), (tx) =>
      tx.mail.updateMany({
        where: { id },
        data: { status: 'QUEUED', attempts: 0, nextAttemptAt: new Date() },
      }),
    );
    expect(changed.count).toBe(0);
    for (const [status, attempts] of [
      ['SENT', 0],
      ['QUEUED', 29],
    ] as const) {
      const insert = server.withViewer(
        user.viewer(),
        (tx) => tx.$executeRaw`
          INSERT INTO mails (id, recipient, template, data, status, attempts, created_at, sent_at,
            next_attempt_at)
          VALUES (gen_random_uuid(), 'x@example.com', 'account-enabled', '{}',
            ${status}::mail_status, ${attempts}, now(),
            CASE WHEN ${status} = 'SENT' THEN now() END,
            CASE WHEN ${status} = 'QUEUED' THEN now() END)`,
      );
      await expect(insert).rejects.toThrow(/row-level security/);
    }
    expect(await rowOf(id)).toEqual(before);
  });
});
