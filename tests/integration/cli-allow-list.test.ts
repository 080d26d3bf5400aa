import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const database = await createTestDatabase();
const cli = (...args: readonly string[]) =>
  runProgram('src/cli.ts', args, {
    ...{ NODE_ENV: 'production', DATABASE_URL: database.ownerUrl },
    DATABASE_SERVER_URL: database.serverUrl,
    DATABASE_WORKER_URL: database.workerUrl,
  });

describe('admin allow-list', () => {
  const approved = async () =>
    (
      await database.query<{ email_key: string }>(
        'SELECT email_key FROM approved_emails ORDER BY 1',
      )
    ).map(({ email_key }) => email_key);
  const allow = async (...lines: string[]) => {
    const folder = await temporaryFolder({ 'allowed.txt': lines.join('\r\n') });
    return cli('admin', 'allow-list', `${folder}/allowed.txt`);
  };

  it('approves the addresses of a file, once each, and says how many are new', async () => {
    const { code, stdout } = await allow('# the lab', ' Ada@Lab.example', '', 'bob@lab.example');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: '2 of 2 addresses are new on the list.\n',
    });
    const again = await allow('ADA@lab.example', 'ada@lab.example', 'carl@lab.example');
    expect(again.stdout).toBe('1 of 2 addresses are new on the list.\n');
    expect(await approved()).toEqual(['ada@lab.example', 'bob@lab.example', 'carl@lab.example']);
  });

  it('names the line that is no address, and approves none', async () => {
    const before = await approved();
    const { code, stderr } = await allow('dora@lab.example', 'no address');
    expect(code).toBe(1);
    expect(stderr).toMatch(/allowed\.txt, line 2: [^\n]+ Nothing was added\.\n$/);
    const missing = await cli('admin', 'allow-list', '/nowhere/allowed.txt');
    expect(missing).toMatchObject({ code: 1, stderr: '/nowhere/allowed.txt cannot be read.\n' });
    expect(await approved()).toEqual(before);
  });
});
