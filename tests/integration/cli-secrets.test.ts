import { spawn } from 'node:child_process';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CREDENTIAL_PURPOSE } from '../../src/services/accounts/credentials.ts';
import { plainEnvironment, runProgram } from '../support/run-program.ts';
import { until } from '../support/until.ts';
import { createVaultHouse, NEW_KEY, OLD_KEY, vaultKeys } from './accounts/vault-house.ts';

const ROWS = 8_000;

let house: Awaited<ReturnType<typeof createVaultHouse>>;
let environment: Record<string, string>;
beforeAll(async () => {
  house = await createVaultHouse();
  environment = {
    DATABASE_URL: house.database.ownerUrl,
    VAULT_KEYS: vaultKeys(NEW_KEY, OLD_KEY),
  };
});

const secrets = (command: string, variables: Record<string, string> = {}) =>
  runProgram('src/cli.ts', ['secrets', command], { ...environment, ...variables });
const countUnder = async (keyId: string): Promise<number> => {
  const sql = 'SELECT count(*)::int AS count FROM credentials WHERE key_id = $1';
  const [row] = await house.database.query<{ count: number }>(sql, [keyId]);
  return row?.count ?? 0;
};

/** So many secrets at once, sealed as the program seals them. */
async function addSecrets(count: number): Promise<void> {
  const { id: ownerId } = await house.addPerson();
  const { ids, sealing, database } = house;
  const rows = Array.from({ length: count }, (_, at) => {
    const rowId = ids.next();
    const { bytes } = sealing.seal(`"secret ${at}"`, {
      purpose: CREDENTIAL_PURPOSE,
      ownerId,
      rowId,
    });
    return { id: rowId, name: `number ${at}`, hex: Buffer.from(bytes).toString('hex') };
  });
  await database.query(
    `INSERT INTO credentials (id, owner_id, kind, provider, name, key_id, sealed_value, fingerprint,
       created_at, updated_at)
     SELECT id, $1, 'BROKER', 'alpaca', name, $2, decode(hex, 'hex'), 'f', now(), now()
     FROM jsonb_to_recordset($3::jsonb) AS r (id uuid, name text, hex text)`,
    [ownerId, OLD_KEY.id, JSON.stringify(rows)],
  );
}

describe('an empty vault', () => {
  it('is under whichever key', async () => {
    const { code, stdout } = await secrets('status');
    const tables = [
      ...['credentials', 'totp_factors', 'ai_providers', 'platform_secrets', 'webhook_secrets'],
    ];
    expect({ code, stdout }).toEqual({
      ...{ code: 0, stdout: tables.map((name) => `${name}: none.\n`).join('') },
    });
  });
});

describe('a rotation that is killed', () => {
  beforeAll(() => addSecrets(ROWS));

  it('is due before it', async () => {
    const { code, stdout } = await secrets('status');
    expect(stdout).toContain(`credentials: ${ROWS} under "${OLD_KEY.id}".\n`);
    expect(stdout).toContain(
      `The key "${NEW_KEY.id}" seals now. Run: npm run cli -- secrets rotate`,
    );
    expect(code).toBe(3);
  });

  it('leaves every row openable, wherever it was killed, and the next one goes on', async () => {
    const newOf: number[] = [];
    for (const share of [0.1, 0.3]) {
      const child = spawn(process.execPath, [path.resolve('src/cli.ts'), 'secrets', 'rotate'], {
        env: { ...plainEnvironment(), ...environment },
        stdio: 'ignore',
      });
      const gone = new Promise((resolve) => child.once('close', resolve));
      const isUnderWay = async () => (await countUnder(NEW_KEY.id)) > ROWS * share;
      await until('a part of it is done', isUnderWay);
      child.kill('SIGKILL');
      await gone;
      newOf.push(await countUnder(NEW_KEY.id));
      const { code, stdout } = await secrets('status');
      expect(code).toBe(3);
      expect(stdout).not.toContain('DO NOT OPEN');
    }
    const [first = 0, second = 0] = newOf;
    expect(first).toBeLessThan(second);
    expect(second).toBeLessThan(ROWS);
    const { code, stdout } = await secrets('rotate');
    expect(stdout).toContain(
      `credentials: ${ROWS - second} sealed with the key "${NEW_KEY.id}".\n`,
    );
    expect(stdout).toContain(
      `Everything is under the key "${NEW_KEY.id}": no other one is needed.\n`,
    );
    expect(code).toBe(0);
  });

  it('is done then: the old key may go', async () => {
    const { code, stdout } = await secrets('status', { VAULT_KEYS: vaultKeys(NEW_KEY) });
    expect(stdout).toContain(`credentials: ${ROWS} under "${NEW_KEY.id}".\n`);
    expect(code).toBe(0);
  });

  it('names what does not open, and ends with 1', async () => {
    const [row] = await house.database.query<{ id: string }>(
      `UPDATE credentials SET key_id = 'lost' WHERE name = 'number 7' RETURNING id`,
    );
    for (const command of ['status', 'rotate']) {
      const { code, stdout } = await secrets(command);
      expect(stdout).toContain(
        `credentials: 1 DO NOT OPEN, with any of VAULT_KEYS:\n  ${String(row?.id)}\n`,
      );
      expect(stdout).not.toContain('Everything is under');
      expect(code).toBe(1);
    }
  });
});

describe('production', () => {
  it('is asked for its keys', async () => {
    const { database } = house;
    const production = {
      ...{ NODE_ENV: 'production', VAULT_KEYS: '' },
      ...{ DATABASE_SERVER_URL: database.serverUrl, DATABASE_WORKER_URL: database.workerUrl },
    };
    for (const command of ['status', 'rotate']) {
      expect(await secrets(command, production)).toEqual({
        ...{ code: 1, stdout: '' },
        stderr: expect.stringMatching(/^VAULT_KEYS is not set, and no secret can be/) as string,
      });
    }
  });
});
