import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedCluster } from '../../support/embedded-cluster.ts';
import { plainEnvironment } from '../../support/run-program.ts';

/**
 * `npm run test:build`: compiles the program, and runs what was compiled as a deployment would. It
 * takes half a minute, so it is a script of its own and no part of `npm test`.
 */
const ROOT = path.resolve(import.meta.dirname, '../../..');
// not a secret: made up for this script
const JWT_SECRET = 'pQ3v9sLx7Zk2Wm8RtY4nBc6HdJf1Ga5e';

const folder = await mkdtemp(path.join(tmpdir(), 'tradegraph-build-'));
await chmod(folder, 0o755);
const cluster = await startEmbeddedCluster({
  folder: path.join(folder, 'postgres'),
  password: 'test',
  isDurable: false,
});
try {
  await runCompiled();
  process.stdout.write('What was compiled migrates, starts, answers and stops.\n');
} finally {
  await cluster.stop();
  await rm(folder, { recursive: true });
}

async function runCompiled(): Promise<void> {
  const deployment = {
    ...plainEnvironment(),
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    JWT_SECRET,
    AUDIT_KEYS: `first:${JWT_SECRET}${JWT_SECRET}`,
    VAULT_KEYS: `first:${JWT_SECRET}${JWT_SECRET}`,
    AUDIT_ANCHOR_FILE: path.join(folder, 'anchors.jsonl'),
    DATABASE_SERVER_URL: urlOf('tradegraph_server', 'one'),
    DATABASE_WORKER_URL: urlOf('tradegraph_worker', 'two'),
  };
  const owner = { ...deployment, DATABASE_URL: cluster.ownerUrl };
  assert.equal(run('bin/build.mjs', [], plainEnvironment()).status, 0);

  const early = run('bin/start-production.mjs', [], deployment);
  assert.equal(early.status, 1);
  assert.match(early.stderr, /^DATABASE_SERVER_URL is refused by .* "npm run migrate" gives/);

  assert.match(run('bin/cli.mjs', ['db', 'migrate'], owner).stdout, /^applied \d+_foundation\n/);
  assert.equal(run('bin/cli.mjs', ['db', 'status'], owner).status, 0);
  const health = await healthOf(deployment);
  assert.deepEqual(health, { data: { health: { status: 'OK' } } });
}

/** What the compiled server answers; it must also stop in an orderly way. */
async function healthOf(environment: Record<string, string>): Promise<unknown> {
  const server = spawn(process.execPath, [path.join(ROOT, 'bin/start-production.mjs')], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit');
  try {
    const url = await urlFrom(server.stdout);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ health { status } }' }),
    });
    const { data } = (await response.json()) as { data: unknown };
    return { data };
  } finally {
    server.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  }
}

async function urlFrom(output: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of output) {
    text += chunk.toString();
    const url = /answers at (\S+)/.exec(text)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`The server ended before it answered: ${text}`);
}

function run(program: string, args: readonly string[], env: Record<string, string>) {
  return spawnSync(process.execPath, [path.join(ROOT, program), ...args], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function urlOf(role: string, password: string): string {
  const url = new URL(cluster.ownerUrl);
  [url.username, url.password] = [role, password];
  return url.href;
}
