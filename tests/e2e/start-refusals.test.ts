import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.ts';
import { openStartHouse, untilHealthy } from './start-house.ts';

const { now, start, environment } = openStartHouse();

describe('a start that cannot be', () => {
  /** The one line that it ends with. */
  async function lineOf(more: Record<string, string>, program = 'bin/start.mjs'): Promise<string> {
    const { code, stdout, stderr } = await runProgram(program, [], environment(more));
    // What takes long is told; how long that is depends on the machine.
    const told = stdout.replaceAll(/^Preparing the \w+ \.\.\. .*\n/gm, '');
    expect({ code, told }).toEqual({ code: 1, told: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/^\s+at /m);
    return stderr.trim();
  }

  it('names the port that is taken', async () => {
    const other = createServer().listen(now.port, '127.0.0.1');
    await once(other, 'listening');
    expect(await lineOf({})).toBe(
      `PORT ${String(now.port)} is taken by another program. Stop it, or set PORT to a free one: PORT=${String(now.port + 1)}`,
    );
    other.close();
  });

  it('names the program that uses the same data on another port', async () => {
    const first = start();
    await first.url;
    expect(await lineOf({ PORT: '0' })).toBe(
      `DATA_DIRECTORY ${now.directory} is used by process ${String(first.process.pid)}. Stop it, or set DATA_DIRECTORY to another folder.`,
    );
    await untilHealthy(await first.url);
  });

  it('names the host that is none', async () => {
    expect(await lineOf({ HOST: '192.0.2.1' })).toBe(
      'HOST 192.0.2.1 is no address of this machine. Set HOST=127.0.0.1',
    );
  });

  it('names the database that does not answer', async () => {
    const line = await lineOf({ DATABASE_URL: 'postgresql://owner:secret@127.0.0.1:1/tradegraph' });
    expect(line).toMatch(/^DATABASE_URL names 127\.0\.0\.1:1, where no database answers/);
    expect(line).not.toContain('secret');
  });

  it('names the variable that is wrong', async () => {
    expect(await lineOf({ SIMULATED_TICK_MS: 'fast' })).toBe(
      'SIMULATED_TICK_MS must be a whole number from 10 to 60000, such as 500.',
    );
  });

  it('names what spoilt the secret of this machine', async () => {
    writeFileSync(path.join(now.directory, 'secrets.json'), '{}');
    expect(await lineOf({})).toMatch(/^JWT_SECRET cannot be read from .*secrets\.json\. Delete/);
  });
});
