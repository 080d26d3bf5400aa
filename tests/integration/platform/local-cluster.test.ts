import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  useLocalCluster,
  type LocalCluster,
} from '../../../src/services/platform/embedded/local-cluster.ts';
import { findPostmaster } from '../../../src/services/platform/embedded/postmaster.ts';
import { fleetingPlace } from '../../support/fleeting-place.ts';

const isRoot = process.getuid?.() === 0;
let directory = '';
let folder = '';
const clusters: LocalCluster[] = [];
const children: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(path.join(fleetingPlace(), 'tradegraph-cluster-'));
  // Where we are root, PostgreSQL runs as another user, who must get in.
  chmodSync(directory, 0o755);
  folder = path.join(directory, 'postgres');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const cluster of clusters.splice(0)) await cluster.release();
  const left = findPostmaster(folder);
  if (left) process.kill(left.processId, 'SIGQUIT');
  rmSync(directory, { recursive: true, force: true });
});

async function use(onLost: () => void = () => undefined, dataDirectory = directory) {
  const cluster = await useLocalCluster({ dataDirectory, makePassword: () => 'secret', onLost });
  clusters.push(cluster);
  return cluster;
}

/** Uses the cluster from another program, which says when it does. */
async function useElsewhere(): Promise<ChildProcess> {
  const child = fork(path.join(import.meta.dirname, '../../support/cluster-user.ts'), [directory], {
    execArgv: [],
  });
  children.push(child);
  await once(child, 'message');
  return child;
}

async function ask(cluster: LocalCluster, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: cluster.superuserUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows[0];
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  it('keeps its data from one start to the next', async () => {
    const first = await use();
    await ask(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.release();
    expect(findPostmaster(folder)).toBeUndefined();
    const second = await use();
    expect(await ask(second, 'SELECT answer FROM kept')).toEqual({ answer: 42 });
  });

  it('is one for programs that start at once, and stops with the last of them', async () => {
    const [one, two, three] = await Promise.all([use(), use(), useElsewhere()]);
    expect(one.superuserUrl).toBe(two.superuserUrl);
    await one.release();
    await two.release();
    expect(findPostmaster(folder)).toBeDefined();
    three.send('release');
    await once(three, 'exit');
    expect(findPostmaster(folder)).toBeUndefined();
  });

  it('is taken over from a program that was killed', async () => {
    const killed = await useElsewhere();
    const before = findPostmaster(folder);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const cluster = await use();
    expect(findPostmaster(folder)?.processId).toBe(before?.processId);
    await cluster.release();
    expect(findPostmaster(folder)).toBeUndefined();
  });

  it('starts again after it was itself killed, and says that it was lost', async () => {
    let lost = 0;
    const cluster = await use(() => void (lost += 1));
    await ask(cluster, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(findPostmaster(folder)?.processId ?? 0, 'SIGKILL');
    await expect.poll(() => lost).toBe(1);
    const next = await use();
    expect(await ask(next, 'SELECT answer FROM kept')).toEqual({ answer: 42 });
  });

  it('starts although its file names a process that is another program by now', async () => {
    const first = await use();
    const { port } = findPostmaster(folder) ?? { port: 0 };
    await first.release();
    const lines = [process.pid, folder, 1, port, '', '127.0.0.1', '0 0', 'ready   '];
    writeFileSync(path.join(folder, 'postmaster.pid'), `${lines.join('\n')}\n`);
    const second = await use();
    expect(await ask(second, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });

  it('is not mistaken for half a cluster that a kill left behind', async () => {
    mkdirSync(`${folder}.12345`);
    writeFileSync(path.join(`${folder}.12345`, 'PG_VERSION'), '18\n');
    const cluster = await use();
    expect(await ask(cluster, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });

  it('lets one program serve from it, and names it to the next', async () => {
    const one = await use();
    const two = await use();
    expect(await one.claimServing()).toBeUndefined();
    expect(await two.claimServing()).toBe(process.pid);
    await one.release();
    expect(await two.claimServing()).toBeUndefined();
  });

  it('tells in its log why it does not start', async () => {
    await (await use()).release();
    const file = path.join(folder, 'PG_VERSION');
    writeFileSync(file, '9.6\n');
    await expect(use()).rejects.toThrow(/PostgreSQL did not start\. .*incompatible/s);
    expect(readFileSync(path.join(directory, 'postgres.log'), 'utf8')).toContain('FATAL');
  });

  it.runIf(isRoot)('lies outside of a folder that only root may enter', async () => {
    const closed = path.join(directory, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const cluster = await use(undefined, closed);
    expect(await ask(cluster, 'SELECT 1 AS one')).toEqual({ one: 1 });
    await cluster.release();
    const link = path.join(closed, 'postgres');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    const again = await use(undefined, closed);
    await again.release();
    rmSync(readlinkSync(link), { recursive: true });
  });
});
