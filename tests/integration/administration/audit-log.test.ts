import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AuditFilter } from '../../../src/services/administration/audit-log.ts';
import { Forbidden, Unauthenticated } from '../../../src/services/platform/errors.ts';
import type { PageRequest } from '../../../src/services/platform/page.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { openDeletionHouse } from '../accounts/deletion-house.ts';

const { database, graph, person } = await openDeletionHouse();
const { auditLog } = graph.app.services;
const [admin, user] = [await person('ADMIN'), await person('USER')];
const START = Date.parse('2025-01-01T00:00:00Z');
const MINUTE_MS = 60_000;

/** A record of a year ago, past every wall, `minute` minutes into it. */
async function record(minute: number, given: Record<string, unknown> = {}): Promise<string> {
  const row = { id: randomUUID(), action: 'model.updated', target_type: 'AiProvider', ...given };
  const at = new Date(START + minute * MINUTE_MS);
  const columns = Object.keys(row);
  await database.query(
    `INSERT INTO audit_records (occurred_at, ${columns.join(', ')})
     VALUES ($1, ${columns.map((_column, index) => `$${String(index + 2)}`).join(', ')})`,
    [at, ...Object.values(row)],
  );
  return row.id;
}
const ids: string[] = [];
for (let minute = 0; minute < 20; minute += 1) {
  ids.push(
    await record(minute, {
      ...(minute % 2 === 0 && { actor_id: user.id }),
      ...(minute % 5 === 0 && { target_id: 'thing-1', address: '192.0.2.9' }),
      ...(minute === 7 && { action: 'secrets.rotated', before: { a: 1 }, after: { a: [2, null] } }),
    }),
  );
}
/** Newest first. */
const at = (...minutes: number[]) => minutes.map((minute) => ids[minute]);
const DAY = { from: new Date(START), to: new Date(START + 20 * MINUTE_MS) };
const list = (filter: AuditFilter, page: Partial<PageRequest> = {}) =>
  auditLog.list(admin.viewer(), { limit: 100, isBackward: false, ...page }, filter);
const idsOf = async (...given: Parameters<typeof list>) =>
  (await list(...given)).map(({ id }) => id);
const keyOf = (minute: number) => ({
  id: ids[minute] ?? '',
  value: new Date(START + minute * MINUTE_MS),
});

describe('the audit log', () => {
  it.each([
    ['time', DAY, at(19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)],
    ['part of a time', { ...DAY, from: new Date(START + 17 * MINUTE_MS) }, at(19, 18, 17)],
    ['actor', { ...DAY, actorId: user.id }, at(18, 16, 14, 12, 10, 8, 6, 4, 2, 0)],
    ['action', { action: 'secrets.rotated' }, at(7)],
    ['target', { targetType: 'AiProvider', targetId: 'thing-1' }, at(15, 10, 5, 0)],
    ['address', { address: '192.0.2.9', actorId: user.id }, at(10, 0)],
    ['nothing that is', { action: 'secrets.rotated', actorId: user.id }, []],
    ['nobody', { actorId: "' OR true --" }, []],
  ] as const)('is narrowed by %s', async (_by, filter, expected) => {
    expect(await idsOf(filter)).toEqual(expected);
    expect(await auditLog.count(admin.viewer(), filter)).toBe(expected.length);
  });

  it.each([
    ['action', { action: 'test.done' }],
    ['targetType', { targetType: 'Thing' }],
    ['address', { address: '127.0.31.0/24' }],
    ['address', { address: 'somewhere' }],
  ] as const)('refuses what cannot be: %s, as in %o', async (field, filter) => {
    const refusal = { code: 'BAD_USER_INPUT', field };
    await expect(list(filter)).rejects.toMatchObject(refusal);
    await expect(auditLog.count(admin.viewer(), filter)).rejects.toMatchObject(refusal);
  });

  it('has whole records, and says which are sealed', async () => {
    const id = ids[7] ?? '';
    expect(await list({ action: 'secrets.rotated' })).toEqual([
      {
        ...{ id, occurredAt: new Date(START + 7 * MINUTE_MS), actorId: null },
        ...{ action: 'secrets.rotated', targetType: 'AiProvider', targetId: null },
        ...{ before: { a: 1 }, after: { a: [2, null] } },
        ...{ address: null, userAgent: null, requestId: null, isSealed: false },
      },
    ]);
    await database.query(
      `INSERT INTO audit_seals (sequence, record_id, record_hash, form, key_id, sealed_at, seal)
       VALUES (1000, $1, sha256(''), 1, 'tests', now(), sha256(''))`,
      [id],
    );
    const sealed = (await list(DAY)).filter(({ isSealed }) => isSealed);
    expect(sealed.map((found) => found.id)).toEqual([id]);
  });

  it('has pages that stay as they are while more is recorded', async () => {
    const pages = async (between: () => Promise<unknown>) => {
      const found: (string | undefined)[] = [];
      for (let minute = 20; minute > 0; minute -= 5) {
        const after = minute === 20 ? {} : { after: keyOf(minute) };
        const page = await idsOf({ ...DAY }, { limit: 5, ...after });
        // One past the page, but for the last.
        found.push(...page.slice(0, 5));
        await between();
      }
      return found;
    };
    const whole = await pages(() => Promise.resolve());
    expect(whole).toEqual(at(19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
    // Newer ones, which begin the list from now on.
    expect(await pages(() => record(25))).toEqual(whole);
    const backward = { limit: 3, isBackward: true, before: keyOf(10) };
    expect(await idsOf(DAY, backward)).toEqual(at(14, 13, 12, 11));
    expect(await idsOf(DAY, { limit: 3, isBackward: true })).toEqual(at(3, 2, 1, 0));
  });

  it('is for administrators, in the database too', async () => {
    const page = { limit: 5, isBackward: false };
    await expect(auditLog.list(user.viewer(), page, {})).rejects.toThrow(Forbidden);
    await expect(auditLog.count(anonymousViewer(), {})).rejects.toThrow(Unauthenticated);
    const seen = await database.server.withViewer(user.viewer(), async (tx) => [
      await tx.$queryRaw`SELECT id FROM audit_records`,
      await tx.$queryRaw`SELECT record_id FROM sealed_records(${ids}::uuid[])`,
    ]);
    expect(seen).toEqual([[], []]);
    const read = database.server.withViewer(
      admin.viewer(),
      (tx) => tx.$queryRaw`SELECT 1 FROM audit_seals`,
    );
    await expect(read).rejects.toThrow(/permission denied/);
  });
});
