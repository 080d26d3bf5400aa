import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainEnvironment } from '../../support/run-program.ts';

/*
 * The set-up of a small project with the real scripts, an npm that only pretends, and a generator
 * that does likewise: both write down that they ran.
 */
const BIN = path.resolve(import.meta.dirname, '../../../bin');
const SETUP = `import('./bin/setup.mjs').then((setup) => setup.ensureReady())`;
let project = '';

beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), 'tradegraph-setup-'));
  cpSync(BIN, path.join(project, 'bin'), { recursive: true });
  write('package-lock.json', '{ "packages": {} }');
  write('prisma.config.ts', '');
  write('prisma/schema.prisma', 'model One {}');
  pretendNpm('');
});
afterEach(() => {
  rmSync(project, { recursive: true, force: true });
});

function write(file: string, text: string): void {
  const target = path.join(project, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
}

/** An npm that makes what the real one would of the few packages that the set-up itself runs. */
function pretendNpm(more: string): void {
  write(
    'machine/npm',
    `#!/bin/sh
echo "npm $*" >> calls
${more}
rm -rf node_modules
mkdir -p node_modules/node/bin node_modules/prisma/build
ln -s ${process.execPath} node_modules/node/bin/node
cat > node_modules/prisma/build/index.js <<'END'
const fs = require('node:fs');
fs.appendFileSync('calls', 'prisma ' + process.argv.slice(2).join(' ') + '\\n');
if (!fs.existsSync(process.env.PRISMA_SCHEMA_ENGINE_BINARY)) process.exit(1);
fs.mkdirSync('src/services/platform/prisma', { recursive: true });
fs.writeFileSync('src/services/platform/prisma/client.ts', '');
fs.writeFileSync('src/services/platform/pothos-types.ts', '');
END
`,
  );
  chmodSync(path.join(project, 'machine/npm'), 0o755);
}

function setUp(): Promise<{ code: number | null; stdout: string; stderr: string; tookMs: number }> {
  const environment = plainEnvironment();
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', SETUP], {
      cwd: project,
      env: { ...environment, PATH: `${project}/machine:${String(environment['PATH'])}` },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('close', (code) => {
      resolve({ code, stdout, stderr, tookMs: performance.now() - startedMs });
    });
  });
}

function calls(): string[] {
  const file = path.join(project, 'calls');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ').slice(0, 2).join(' '));
}

describe('the set-up', () => {
  it('installs and generates once, and then does nothing, without a word', async () => {
    expect(await setUp()).toMatchObject({ code: 0, stderr: '' });
    expect(calls()).toEqual(['npm ci', 'prisma generate']);
    expect(await setUp()).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(calls()).toEqual(['npm ci', 'prisma generate']);
  });

  it('does what has changed and no more', async () => {
    await setUp();
    write('prisma/schema.prisma', 'model Two {}');
    await setUp();
    expect(calls()).toEqual(['npm ci', 'prisma generate', 'prisma generate']);
    write('package-lock.json', '{ "packages": { "node_modules/x": { "version": "1.0.0" } } }');
    await setUp();
    expect(calls().slice(3)).toEqual(['npm ci', 'prisma generate']);
    rmSync(path.join(project, 'src'), { recursive: true });
    await setUp();
    expect(calls().slice(5)).toEqual(['prisma generate']);
    rmSync(path.join(project, 'node_modules'), { recursive: true });
    await setUp();
    expect(calls().slice(6)).toEqual(['npm ci', 'prisma generate']);
  });

  it('believes an install by hand that fits the lock file', async () => {
    await setUp();
    const packages = { 'node_modules/x': { version: '1.0.0', integrity: 'sha512-x' } };
    const others = { 'node_modules/fsevents': { version: '2.0.0', optional: true } };
    write('package-lock.json', JSON.stringify({ packages: { '': {}, ...packages, ...others } }));
    write('node_modules/.package-lock.json', JSON.stringify({ packages }));
    await setUp();
    expect(calls()).toEqual(['npm ci', 'prisma generate', 'prisma generate']);
  });

  it('shows the last lines of an npm that fails, and tries again the next time', async () => {
    pretendNpm('echo "npm error 404 no such package" >&2; exit 7');
    const failed = await setUp();
    expect(failed.code).toBe(1);
    expect(failed.stderr).toBe(
      '"npm ci --include=dev --no-audit --no-fund" failed: exit code 7\n  npm error 404 no such package\n',
    );
    pretendNpm('');
    expect((await setUp()).code).toBe(0);
    expect(calls()).toEqual(['npm ci', 'npm ci', 'prisma generate']);
  });

  it('is never silent for ten seconds', async () => {
    pretendNpm('sleep 6');
    const { stdout } = await setUp();
    expect(stdout).toMatch(/^Installing packages .*\n {2}\.\.\. 5 s\n {2}done in /);
  });

  it('is done once when two start at the same time', async () => {
    pretendNpm('sleep 1');
    const [one, two] = await Promise.all([setUp(), setUp()]);
    expect([one.code, two.code]).toEqual([0, 0]);
    expect(calls()).toEqual(['npm ci', 'prisma generate']);
    expect(one.stdout + two.stdout).toContain('Waiting for another set-up in this folder');
  });

  it('is not held up by one that was killed', async () => {
    write('.data/setup.lock', '999999');
    const file = path.join(project, '.data/setup.lock');
    const longAgo = new Date('2020-01-01T00:00:00Z');
    utimesSync(file, longAgo, longAgo);
    expect((await setUp()).code).toBe(0);
    expect(existsSync(file)).toBe(false);
  });
});
