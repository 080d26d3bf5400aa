import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { runProgram } from '../../support/run-program.ts';
import { createAuditHouse } from './house.ts';

it.each(['before the anchor', 'in the anchor'])(
  'a sealer that is killed %s has its anchor written by the next one',
  async (point) => {
    const house = await createAuditHouse();
    await house.record(3);
    await house.sealerWith().seal();
    await house.record(6);
    const args = [house.database.workerUrl, house.anchorPath, point];
    const { code, stderr } = await runProgram('tests/integration/audit/falling-sealer.ts', args);
    expect({ code, stderr }).toEqual({ code: null, stderr: '' });

    // The batch of four was committed; nothing outside of the database knows of it yet.
    const fallen = await house.verify();
    expect(fallen).toMatchObject({ verdict: 'INTACT', head: 7n, unsealed: { count: 2 } });
    const torn = point === 'in the anchor' ? 1 : 0;
    expect(fallen.anchors).toMatchObject({ newest: { sequence: 3n }, unreadableCount: torn });

    expect(await house.sealerWith().seal()).toBe(2);
    const { verdict, anchors } = await house.verify();
    expect(verdict).toBe('INTACT');
    // One of the next sealer for what was there, one for the two records that it sealed.
    expect(anchors).toEqual({
      count: 3,
      newest: { sequence: 9n, at: house.clock.now().toISOString() },
      unreadableCount: torn,
      gapCount: 0,
    });
    const lines = (await readFile(house.anchorPath, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(3 + torn);

    await house.tamper('DELETE FROM audit_seals WHERE sequence > 6');
    expect(await house.breakage()).toBe('BROKEN TAIL_CUT at 7');
  },
);

it('an anchor that cannot be written is written when it can', async () => {
  const house = await createAuditHouse();
  await house.record(2);
  let isFull = true;
  const sealer = house.sealerWith({
    anchors: {
      ...house.anchors,
      append: (anchor) =>
        isFull ? Promise.reject(new Error('No space.')) : house.anchors.append(anchor),
    },
  });
  await expect(sealer.seal()).rejects.toThrow('No space.');
  expect(await house.breakage()).toBe('UNANCHORED');
  isFull = false;
  expect(await sealer.seal()).toBe(0);
  expect(await house.verify()).toMatchObject({
    verdict: 'INTACT',
    anchors: { count: 1, newest: { sequence: 2n }, gapCount: 0 },
  });
});
