import { readFile, writeFile } from 'node:fs/promises';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createManualTime } from '../../support/manual-time.ts';
import { until } from '../../support/until.ts';
import { createAuditHouse, keyringOf } from './house.ts';

const sequences = async ({ query }: Awaited<ReturnType<typeof createAuditHouse>>) => {
  const rows = await query<{ sequence: string }>(
    'SELECT sequence FROM audit_seals ORDER BY sequence',
  );
  return rows.map((row) => Number(row.sequence));
};
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe('the sealer', () => {
  it('takes a record that commits late after those that came before it', async () => {
    const house = await createAuditHouse();
    const sealer = house.sealerWith();
    const late = new Client({ connectionString: house.database.workerUrl });
    await late.connect();
    await late.query('BEGIN');
    const id = house.ids.next();
    await late.query(
      `INSERT INTO audit_records (id, occurred_at, action, target_type)
       VALUES ($1, $2, 'records.imported', 'Model')`,
      [id, house.clock.now()],
    );
    await house.record(3);
    expect(await sealer.seal()).toBe(3);
    expect((await house.verify()).unsealed.count).toBe(0);
    await late.query('COMMIT');
    await late.end();
    expect((await house.verify()).unsealed).toMatchObject({ count: 1, oldest: { recordId: id } });
    expect(await sealer.seal()).toBe(1);
    expect(await house.recordAt(4)).toBe(id);
    expect(await house.breakage()).toBe('INTACT');
  });

  it('leaves out what is rolled back', async () => {
    const house = await createAuditHouse();
    const viewer = systemViewer();
    const entry = { action: 'user.activated', targetType: 'User', targetId: null } as const;
    const undone = house.database.worker.withViewer(viewer, async (tx) => {
      await house.audit.record(tx, viewer, entry);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await house.record(1);
    expect(await house.sealerWith().seal()).toBe(1);
    expect(await house.query('SELECT 1 FROM audit_unsealed')).toEqual([]);
  });

  it('shares its work with others without a gap or a fork', async () => {
    const house = await createAuditHouse();
    await house.record(5);
    const sealers = Array.from({ length: 4 }, () => house.sealerWith());
    await Promise.all([...sealers.map((sealer) => sealer.seal()), house.record(20)]);
    for (const sealer of sealers) await sealer.seal();
    expect(await sequences(house)).toEqual(upTo(25));
    const { verdict, anchors } = await house.verify();
    expect({ verdict, newest: anchors.newest?.sequence }).toEqual({
      verdict: 'INTACT',
      newest: 25n,
    });
  });

  it('leaves the chain to another one that is at it', async () => {
    const house = await createAuditHouse();
    await house.record(2);
    const other = new Client({ connectionString: house.database.workerUrl });
    await other.connect();
    const sealer = house.sealerWith();
    await sealer.seal();
    await house.record(2);
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock(7243005)');
    expect(await sealer.seal()).toBe(0);
    await other.query('COMMIT');
    await other.end();
    expect(await sealer.seal()).toBe(2);
  });

  it('finds records that have no place in the queue, such as those before the chain was', async () => {
    const house = await createAuditHouse();
    await house.record(5);
    await house.query('DELETE FROM audit_unsealed');
    expect((await house.verify()).unsealed.count).toBe(5);
    expect(await house.sealerWith().seal()).toBe(5);
    expect(house.log.lines[0]).toEqual({
      level: 'warn',
      message: 'Audit records were found that nobody had queued.',
    });
    expect(await house.breakage()).toBe('INTACT');
  });

  it('is not stopped by a sealed record that somebody queued again', async () => {
    const house = await createAuditHouse();
    await house.record(2);
    const sealer = house.sealerWith();
    await sealer.seal();
    await house.query('INSERT INTO audit_unsealed SELECT record_id FROM audit_seals');
    await house.record(1);
    expect(await sealer.seal()).toBe(1);
    expect(await house.breakage()).toBe('INTACT');
  });

  it('works by its timer, and seals what waits when it is stopped', async () => {
    const house = await createAuditHouse();
    const { timers, advance } = createManualTime(house.clock.now());
    const sealer = house.sealerWith({ timers });
    await house.record(1);
    sealer.start();
    await until('one seal', async () => (await sequences(house)).length === 1);
    await house.record(1);
    await until('two seals', async () => {
      // Again and again: the timer passes over a time at which the sealer is still at work.
      advance(1_000);
      return (await sequences(house)).length === 2;
    });
    await house.record(1);
    await sealer.stop();
    expect(await sequences(house)).toEqual([1, 2, 3]);
    expect(await house.breakage()).toBe('INTACT');
  });
});

describe('a key', () => {
  it('is replaced without sealing anew, as long as the old one verifies', async () => {
    const house = await createAuditHouse();
    await house.record(3);
    await house.sealerWith().seal();
    await house.record(3);
    await house.sealerWith({ keyring: keyringOf('two', 'one') }).seal();
    const keys = await house.query('SELECT key_id FROM audit_seals ORDER BY sequence');
    expect(keys.map((row) => String(row['key_id'])).join(' ')).toBe('one one one two two two');
    expect(await house.breakage({ keyring: keyringOf('two', 'one') })).toBe('INTACT');
    expect(await house.breakage({ keyring: keyringOf('two') })).toBe('BROKEN UNKNOWN_KEY at 1');
    const later = await house.verify({ keyring: keyringOf('two'), from: 4n });
    // The anchors of the old key are nobody's to the new one.
    expect(later).toMatchObject({ checkedCount: 3, finding: { breakage: 'ANCHOR_FORGED' } });
  });
});

describe('a chain that is not what its anchors say', () => {
  it('gets no further link, until somebody has put the file aside', async () => {
    const house = await createAuditHouse();
    await house.record(6);
    const running = house.sealerWith();
    await running.seal();
    await house.tamper('DELETE FROM audit_seals WHERE sequence > 4');
    await house.record(1);
    const before = await readFile(house.anchorPath, 'utf8');
    for (const sealer of [running, house.sealerWith()]) {
      await expect(sealer.seal()).rejects.toThrow('broken at seal 6: the chain ends before it');
    }
    expect(await sequences(house)).toEqual([1, 2, 3, 4]);
    expect(await readFile(house.anchorPath, 'utf8')).toBe(before);
    await writeFile(house.anchorPath, '');
    // The two that lost their seals, and the new one.
    expect(await running.seal()).toBe(3);
    const { verdict, anchors } = await house.verify();
    expect({ verdict, gaps: anchors.gapCount }).toEqual({ verdict: 'INTACT', gaps: 1 });
  });

  it('gets none either when its end was made with a key of somebody else', async () => {
    const house = await createAuditHouse();
    await house.record(2);
    await house.sealerWith().seal();
    const thief = house.sealerWith({ keyring: keyringOf('thief', 'one') });
    await house.record(2);
    await thief.seal();
    await house.record(1);
    await expect(house.sealerWith().seal()).rejects.toThrow('broken at seal 3');
    expect(await sequences(house)).toEqual([1, 2, 3, 4]);
  });

  it('is told once, and again when it is mended', async () => {
    const house = await createAuditHouse();
    await house.record(1);
    await house.sealerWith().seal();
    await house.tamper('DELETE FROM audit_seals');
    const { timers, advance } = createManualTime(house.clock.now());
    house.log.lines.length = 0;
    const sealer = house.sealerWith({ timers });
    sealer.start();
    await until('an error', () => house.log.lines.some(({ level }) => level === 'error'));
    advance(1_000);
    await writeFile(house.anchorPath, '');
    advance(1_000);
    await sealer.stop();
    expect(house.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(house.log.lines.at(-1)?.message).toBe('The audit log is sealed again.');
  });
});
