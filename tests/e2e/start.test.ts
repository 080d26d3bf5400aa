import { linkSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../support/run-program.ts';
import { askApi } from '../support/started-program.ts';
import { HEALTH, openStartHouse, untilHealthy } from './start-house.ts';

const { now, start, postgres, environment } = openStartHouse();
const tokenIn = (output: string) => /Bearer ([\w.-]+)/.exec(output)?.[1];

describe('npm start', () => {
  it('starts from nothing, prints what a person needs, and keeps its data', async () => {
    const first = start();
    const url = await first.url;
    expect(url).toBe(`http://localhost:${String(now.port)}/graphql`);
    await untilHealthy(url);
    await expect.poll(first.output).toContain('Stop it with Ctrl-C.');
    expect(first.output()).toMatch(/ {2}admin {4}[\w-]{16}\n {2}trader {3}[\w-]{16}\n/);
    const token = tokenIn(first.output());
    const viewer = '{ viewer { user { username } } }';
    expect(await askApi(url, viewer, token)).toEqual({ viewer: { user: { username: 'trader' } } });
    first.process.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(postgres()).toBeUndefined();

    const second = start();
    expect(await askApi(await second.url, viewer, token)).toEqual({
      viewer: { user: { username: 'trader' } },
    });
    await expect.poll(second.output).toContain('npm run cli -- token trader');
    expect(second.output()).not.toContain('Bearer');
    second.process.kill('SIGINT');
    expect(await second.ended).toBe(0);
    expect(postgres()).toBeUndefined();
  });

  it('has a model that trades within seconds', async () => {
    const program = start();
    const url = await program.url;
    await expect.poll(program.output).toContain('Bearer');
    const trades = '{ trades(first: 1) { nodes { side } } }';
    const ask = () => askApi(url, trades, tokenIn(program.output()));
    await expect
      .poll(ask, { timeout: 60_000, interval: 500 })
      .toEqual({ trades: { nodes: [{ side: 'BUY' }] } });
  });

  it('goes on after it was killed, with the database that was left running', async () => {
    const killed = start();
    await killed.url;
    const before = postgres();
    killed.process.kill('SIGKILL');
    await killed.ended;
    expect(postgres()?.processId).toBe(before?.processId);
    const next = start();
    await untilHealthy(await next.url);
    expect(postgres()?.processId).toBe(before?.processId);
    next.process.kill('SIGTERM');
    expect(await next.ended).toBe(0);
    expect(postgres()).toBeUndefined();
  });

  it('goes on after both it and the database were killed', async () => {
    const killed = start();
    await killed.url;
    const before = postgres();
    killed.process.kill('SIGKILL');
    process.kill(before?.processId ?? 0, 'SIGKILL');
    await killed.ended;
    const next = start();
    await untilHealthy(await next.url);
    expect(postgres()?.processId).not.toBe(before?.processId);
  });

  it('ends when its database is killed, and says so', async () => {
    const program = start();
    await program.url;
    process.kill(postgres()?.processId ?? 0, 'SIGKILL');
    expect(await program.ended).toBe(1);
    expect(program.output()).toContain('The embedded PostgreSQL has ended.');
  });

  it('runs on the Node of the project, whatever launched it, and stops with that', async () => {
    // Beside the project, where its Node can be linked to.
    const beside = mkdtempSync(
      path.resolve(import.meta.dirname, '../../node_modules/.start-test-'),
    );
    onTestFinished(() => {
      rmSync(beside, { recursive: true, force: true });
    });
    const machinesNode = path.join(beside, 'node');
    linkSync(realpathSync(process.execPath), machinesNode);
    const orderly = start({}, machinesNode);
    await askApi(await orderly.url, HEALTH);
    orderly.process.kill('SIGTERM');
    expect(await orderly.ended).toBe(0);
    expect(postgres()).toBeUndefined();

    const killed = start({}, machinesNode);
    await killed.url;
    killed.process.kill('SIGKILL');
    // Its output closes once the server has ended as well.
    await killed.ended;
    await expect.poll(postgres, { timeout: 60_000 }).toBeUndefined();
  });

  it('stops in an orderly way while it is still starting', async () => {
    for (const afterMs of [50, 400, 900]) {
      const program = start();
      await sleep(afterMs);
      program.process.kill('SIGTERM');
      await program.ended;
      expect(program.output()).not.toMatch(/Error|at .*\.ts/);
    }
    const drafts = readdirSync(now.directory).filter((name) => name.startsWith('postgres.'));
    expect(drafts.filter((name) => name !== 'postgres.log')).toEqual([]);
    const next = start();
    await untilHealthy(await next.url);
  });

  it('serves a command of an operator from the database that it runs', async () => {
    const program = start();
    const url = await program.url;
    const token = await runProgram('src/cli.ts', ['token', 'trader'], environment());
    expect(token.code).toBe(0);
    const viewer = '{ viewer { user { username } } }';
    expect(await askApi(url, viewer, token.stdout.trim())).toEqual({
      viewer: { user: { username: 'trader' } },
    });
    const reset = await runProgram('src/cli.ts', ['db', 'reset', '--yes'], environment());
    expect(reset.code).toBe(1);
    expect(reset.stderr).toContain(`A server runs on this database (process`);
    await untilHealthy(url);
  });
});
