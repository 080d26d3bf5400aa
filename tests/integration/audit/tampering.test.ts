import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeSeal, toHex, type ChainPoint } from '../../../src/services/audit/chain.ts';
import { readLinks } from '../../../src/services/audit/chain-rows.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createAuditHouse, keyringOf, type AuditHouse } from './house.ts';

const SEALED = 10;
const TABLES = ['audit_records', 'audit_seals', 'audit_unsealed'];

let house: AuditHouse;
beforeAll(async () => {
  house = await createAuditHouse();
  await house.record(SEALED);
  expect(await house.sealerWith().seal()).toBe(SEALED);
  for (const table of TABLES) {
    await house.query(`CREATE TABLE kept_${table} AS SELECT * FROM ${table}`);
  }
});

/** Runs what a superuser might do, looks what is found, and puts everything back. */
async function afterTampering(...statements: readonly string[]): Promise<string> {
  try {
    await house.tamper(...statements);
    return await house.breakage();
  } finally {
    const restore = TABLES.flatMap((table) => [
      `DELETE FROM ${table}`,
      `INSERT INTO ${table} SELECT * FROM kept_${table}`,
    ]);
    await house.tamper(...restore);
    expect(await house.breakage()).toBe('INTACT');
  }
}

const sealAt = (n: number) => `(SELECT record_id FROM kept_audit_seals WHERE sequence = ${n})`;

it('says how much is sealed and how much waits', async () => {
  expect(await house.verify()).toEqual({
    verdict: 'INTACT',
    finding: undefined,
    checkedCount: SEALED,
    head: 10n,
    unsealed: { count: 0, oldest: undefined },
    anchors: {
      count: 3,
      newest: { sequence: 10n, at: '2026-03-01T12:00:10.123Z' },
      unreadableCount: 0,
      gapCount: 0,
    },
  });
});

describe('a record that was altered is found, whatever was changed:', () => {
  it.each([
    ['its time, by a microsecond', `occurred_at = occurred_at + interval '1 microsecond'`],
    ['its time, to another era', `occurred_at = '2026-03-01 12:00:05.123+00 BC'`],
    ['its time, to none', `occurred_at = '-infinity'`],
    ['its actor', 'actor_id = gen_random_uuid()'],
    ['its actor, to nobody', 'actor_id = NULL'],
    ['its action', `action = 'model.created'`],
    ['its target type', `target_type = 'User'`],
    ['its target', `target_id = target_id || ' '`],
    ['its target, to none', 'target_id = NULL'],
    ['what was before, in a digit', `before = '{"version": 4, "share": 0.10}'`],
    ['what was before, to JSON null', `before = 'null'`],
    ['what is after', `after = jsonb_set(after, '{universe,0}', '"A"')`],
    ['what is after, to none', 'after = NULL'],
    ['its address', `address = '192.0.2.8'`],
    ['its user agent', `user_agent = ''`],
    ['its request', `request_id = request_id || '0'`],
  ])('%s', async (_what, assignment) => {
    const sql = `UPDATE audit_records SET ${assignment} WHERE id = ${sealAt(5)}`;
    expect(await afterTampering(sql)).toBe('BROKEN ALTERED at 5');
  });

  it('its id, which leaves the old one missing', async () => {
    const sql = `UPDATE audit_records SET id = gen_random_uuid() WHERE id = ${sealAt(5)}`;
    expect(await afterTampering(sql)).toBe('BROKEN REMOVED at 5');
  });

  it('its values, exchanged between two neighbours', async () => {
    const sql = `UPDATE audit_records a SET target_id = b.target_id FROM audit_records b
      WHERE (a.id, b.id) IN ((${sealAt(5)}, ${sealAt(6)}), (${sealAt(6)}, ${sealAt(5)}))`;
    expect(await afterTampering(sql)).toBe('BROKEN ALTERED at 5');
  });

  it('and no column is left out', async () => {
    const columns = await house.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute
       WHERE attrelid = 'audit_records'::regclass AND attnum > 0 AND NOT attisdropped`,
    );
    expect(columns.map(({ name }) => name).sort()).toEqual(
      [
        ...['id', 'occurred_at', 'actor_id', 'action', 'target_type', 'target_id'],
        ...['before', 'after', 'address', 'user_agent', 'request_id'],
      ].sort(),
    );
  });
});

describe('a seal that was altered is found, whatever was changed:', () => {
  it.each([
    ['the record it names', 'record_id = gen_random_uuid()', 'RECHAINED'],
    [
      'the hash',
      `record_hash = set_byte(record_hash, 31, 1 # get_byte(record_hash, 31))`,
      'RECHAINED',
    ],
    ['the form', 'form = 2', 'UNKNOWN_FORM'],
    ['the key', `key_id = 'two'`, 'UNKNOWN_KEY'],
    ['the time', `sealed_at = sealed_at + interval '1 microsecond'`, 'RECHAINED'],
    ['the seal', 'seal = set_byte(seal, 0, 1 # get_byte(seal, 0))', 'RECHAINED'],
  ])('%s', async (_what, assignment, breakage) => {
    const sql = `UPDATE audit_seals SET ${assignment} WHERE sequence = 5`;
    expect(await afterTampering(sql)).toBe(`BROKEN ${breakage} at 5`);
  });
});

describe('what was removed is found:', () => {
  it.each([
    ['a record', [`DELETE FROM audit_records WHERE id = ${sealAt(5)}`], 'REMOVED at 5'],
    ['a seal', ['DELETE FROM audit_seals WHERE sequence = 5'], 'SEAL_REMOVED at 5'],
    ['the first seal', ['DELETE FROM audit_seals WHERE sequence = 1'], 'SEAL_REMOVED at 1'],
    [
      'a record with its seal',
      [
        `DELETE FROM audit_records WHERE id = ${sealAt(5)}`,
        'DELETE FROM audit_seals WHERE sequence = 5',
      ],
      'SEAL_REMOVED at 5',
    ],
    [
      'the same, with all later seals moved up',
      [
        `DELETE FROM audit_records WHERE id = ${sealAt(5)}`,
        'DELETE FROM audit_seals WHERE sequence = 5',
        'UPDATE audit_seals SET sequence = sequence - 1000 WHERE sequence > 5',
        'UPDATE audit_seals SET sequence = sequence + 999 WHERE sequence < 0',
      ],
      'RECHAINED at 5',
    ],
    ['the newest seal', ['DELETE FROM audit_seals WHERE sequence = 10'], 'TAIL_CUT at 10'],
    [
      'the tail of both tables',
      [
        'DELETE FROM audit_records WHERE id IN (SELECT record_id FROM audit_seals WHERE sequence > 6)',
        'DELETE FROM audit_seals WHERE sequence > 6',
      ],
      'TAIL_CUT at 7',
    ],
    ['everything', ['DELETE FROM audit_records', 'DELETE FROM audit_seals'], 'TAIL_CUT at 1'],
  ])('%s', async (_what, statements, line) => {
    const dropCheck = 'ALTER TABLE audit_seals DROP CONSTRAINT IF EXISTS audit_seals_lengths';
    expect(await afterTampering(dropCheck, ...statements)).toBe(`BROKEN ${line}`);
  });

  it('a record that waited for its seal', async () => {
    const id = '0195503d-0000-7000-8000-000000000000';
    const ghost = `INSERT INTO audit_unsealed (record_id) VALUES ('${id}')`;
    expect(await afterTampering(ghost)).toBe('BROKEN REMOVED at undefined');
  });
});

describe('what was put in or moved is found:', () => {
  const COPY = 'record_hash, form, key_id, sealed_at, seal FROM audit_seals WHERE sequence';

  it('a link between two others', async () => {
    const line = await afterTampering(
      'ALTER TABLE audit_seals DROP CONSTRAINT IF EXISTS audit_seals_lengths',
      'UPDATE audit_seals SET sequence = -sequence WHERE sequence >= 5',
      'UPDATE audit_seals SET sequence = 1 - sequence WHERE sequence < 0',
      `INSERT INTO audit_seals SELECT 5, gen_random_uuid(), ${COPY} = 4`,
    );
    expect(line).toBe('BROKEN INSERTED at 5');
  });

  it('a link before the first', async () => {
    const line = await afterTampering(
      'ALTER TABLE audit_seals DROP CONSTRAINT IF EXISTS audit_seals_lengths',
      `INSERT INTO audit_seals SELECT 0, gen_random_uuid(), ${COPY} = 4`,
    );
    expect(line).toBe('BROKEN INSERTED at 0');
  });

  it('two links that changed places', async () => {
    const line = await afterTampering(
      'UPDATE audit_seals SET sequence = sequence + 100 WHERE sequence = 5',
      'UPDATE audit_seals SET sequence = 5 WHERE sequence = 8',
      'UPDATE audit_seals SET sequence = 8 WHERE sequence = 105',
    );
    expect(line).toBe('BROKEN REORDERED at 5');
  });

  it('a record that claims to be older than it is, before and after it is sealed', async () => {
    const insert = (table: string) => `INSERT INTO ${table}
      SELECT '0195503d-0000-7000-8000-000000000000', occurred_at - interval '3 hours', actor_id,
        action, target_type, target_id, before, after, address, user_agent, request_id
      FROM kept_audit_records WHERE id = ${sealAt(5)}`;
    expect(await afterTampering(insert('audit_records'))).toBe('BROKEN INSERTED at undefined');
    const other = await createAuditHouse();
    await other.record(2);
    await other.sealerWith().seal();
    other.clock.set('2026-03-01T08:00:00Z');
    await other.record(1);
    await other.sealerWith().seal();
    expect(await other.breakage()).toBe('BROKEN INSERTED at 3');
  });
});

describe('a chain that was made anew from the middle is found', () => {
  /** What the keyring makes of the records from the fifth on. */
  async function rechained(keyId: 'one' | 'thief'): Promise<string[]> {
    const links = await house.database.worker.snapshot(systemViewer(), (tx) =>
      readLinks(tx, { after: 3n, limit: 100 }),
    );
    let previous: ChainPoint | undefined = links[0]?.seal;
    const statements: string[] = [];
    for (const { record } of links.slice(1)) {
      if (!record || !previous) throw new Error('The house has ten records.');
      const changed = { ...record, ...(statements.length === 0 && { action: 'model.started' }) };
      const sealedAt = '1772366411.000000';
      const seal = makeSeal(keyringOf(keyId), previous, { record: changed, sealedAt });
      statements.push(
        `UPDATE audit_records SET action = '${changed.action}' WHERE id = '${record.id}'`,
        `UPDATE audit_seals SET record_hash = '\\x${toHex(seal.recordHash)}',
           seal = '\\x${toHex(seal.seal)}', key_id = '${keyId}',
           sealed_at = timestamptz 'epoch' + ${sealedAt} * interval '1 second'
         WHERE sequence = ${String(seal.sequence)}`,
      );
      previous = seal;
    }
    return statements;
  }

  it('with a key of another name', async () => {
    expect(await afterTampering(...(await rechained('thief')))).toBe('BROKEN UNKNOWN_KEY at 5');
  });

  it('with a key that is only called like ours', async () => {
    const statements = (await rechained('thief')).map((sql) => sql.replace(`'thief'`, `'one'`));
    expect(await afterTampering(...statements)).toBe('BROKEN RECHAINED at 5');
  });

  it('even with our key, by the next anchor', async () => {
    // Batches of four: the anchors name the seals 4, 8 and 10.
    expect(await afterTampering(...(await rechained('one')))).toBe('BROKEN RECHAINED at 8');
  });
});

describe('the file of anchors', () => {
  it('that is lost or empty cannot vouch for the end of the chain', async () => {
    const other = await createAuditHouse();
    await other.record(5);
    expect(await other.breakage()).toBe('UNANCHORED');
    await other.sealerWith().seal();
    expect(await other.breakage()).toBe('INTACT');
    await writeFile(other.anchorPath, '');
    await other.tamper('DELETE FROM audit_seals WHERE sequence = 5');
    expect(await other.breakage()).toBe('UNANCHORED');
  });

  it('is itself found out when somebody wrote in it', async () => {
    const other = await createAuditHouse();
    await other.record(5);
    await other.sealerWith().seal();
    const forged = {
      ...{ sequence: '99', seal: 'a'.repeat(64), at: '2026-03-01T12:00:00.000Z' },
      ...{ previous: '5', keyId: 'one', mac: 'b'.repeat(64) },
    };
    await writeFile(other.anchorPath, `${JSON.stringify(forged)}\n`, { flag: 'a' });
    expect(await other.breakage()).toBe('BROKEN ANCHOR_FORGED at undefined');
  });
});
