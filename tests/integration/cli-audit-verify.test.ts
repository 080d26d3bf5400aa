import { rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createKeyring } from '../../src/services/audit/keyring.ts';
import { runProgram } from '../support/run-program.ts';
import { createAuditHouse, type AuditHouse } from './audit/house.ts';

const SECRET = Buffer.alloc(32, 'of the command');

let house: AuditHouse;
beforeAll(async () => {
  house = await createAuditHouse();
  await house.record(5);
  await house.sealerWith({ keyring: createKeyring([{ id: 'one', secret: SECRET }]) }).seal();
  await house.record(2);
});

const verify = (args: readonly string[] = [], environment: Record<string, string> = {}) =>
  runProgram('src/cli.ts', ['audit', 'verify', ...args], {
    DATABASE_URL: house.database.ownerUrl,
    AUDIT_KEYS: `one:${SECRET.toString('base64')}`,
    AUDIT_ANCHOR_FILE: house.anchorPath,
    ...environment,
  });

describe('the command', () => {
  it('says what it checked, and ends with 0 when nothing is broken', async () => {
    const { code, stdout } = await verify();
    expect(stdout).toMatch(/^5 seals checked in \d+ ms: [\d,]+ a second\.\n/);
    expect(stdout.split('\n').slice(1)).toEqual([
      '2 records are not sealed yet, the oldest of 2026-03-01T12:00:06.123Z.',
      '2 anchors, the last for seal 5 at 2026-03-01T12:00:05.123Z.',
      'The audit log is as it was written.',
      '',
    ]);
    expect(code).toBe(0);
  });

  it('answers in JSON as well, from a seal on', async () => {
    const { code, stdout } = await verify(['--from', '3', '--json']);
    const answer = JSON.parse(stdout) as { durationMs: number };
    expect({ ...answer, durationMs: 0, code }).toMatchObject({
      ...{ code: 0, verdict: 'INTACT', checkedCount: 3, head: '5', durationMs: 0 },
      unsealed: { count: 2, oldest: { occurredAt: '1772366406.123000' } },
      anchors: { count: 2, newest: { sequence: '5' }, unreadableCount: 0, gapCount: 0 },
    });
  });

  it.each([
    [['--from', '7'], 'There is no seal 6 to go on from.'],
    [['--from', '0'], 'It is a number from 1.'],
    [['--from', 'x'], 'It is a number from 1.'],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await verify(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('asks production for its keys', async () => {
    const { code, stderr } = await verify([], { NODE_ENV: 'production', AUDIT_KEYS: '' });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^AUDIT_KEYS is not set, and the audit log can be/) as string,
    });
  });

  it('names what is broken, and ends with 1', async () => {
    const id = await house.recordAt(2);
    await house.tamper(`UPDATE audit_records SET address = NULL WHERE id = '${id}'`);
    const { code, stdout } = await verify();
    expect(code).toBe(1);
    expect(stdout).toContain(
      `BROKEN at seal 2, record ${id}: ALTERED, the record is not what was sealed.\n`,
    );
    const back = `UPDATE audit_records SET address = '192.0.2.7' WHERE id = '${id}'`;
    await house.tamper(back);
    expect((await verify()).code).toBe(0);
  });

  it('ends with 3 when the anchors are lost, and says what that means', async () => {
    await rm(house.anchorPath);
    const { code, stdout } = await verify();
    expect(code).toBe(3);
    expect(stdout).toContain(`There is no anchor in ${house.anchorPath}.\n`);
    expect(stdout).toContain('Whether anything was cut from the end, nothing tells.\n');
  });
});

it('a database that is made anew is not accused by the anchors of the one before', async () => {
  const other = await createAuditHouse();
  await other.record(1);
  await other.sealerWith().seal();
  expect(existsSync(other.anchorPath)).toBe(true);
  const environment = {
    DATABASE_URL: other.database.ownerUrl,
    AUDIT_ANCHOR_FILE: other.anchorPath,
  };
  expect((await runProgram('src/cli.ts', ['db', 'reset', '--yes'], environment)).code).toBe(0);
  expect(existsSync(other.anchorPath)).toBe(false);
});
