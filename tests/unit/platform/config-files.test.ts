import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify, parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../../../src/services/platform/config/config-error.ts';
import { developmentSecret } from '../../../src/services/platform/config/development-secret.ts';
import { loadSettings } from '../../../src/services/platform/config/load-settings.ts';
import { parseSettings } from '../../../src/services/platform/config/settings.ts';
import { VARIABLES } from '../../../src/services/platform/config/variables.ts';

const EXAMPLE = readFileSync(path.join(import.meta.dirname, '../../../.env.example'), 'utf8');
/** A line of the example that sets a variable once its "#" is taken off. */
const VARIABLE_LINE = /^#([A-Z][A-Z0-9_]*)=/;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'tradegraph-config-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

describe('.env.example', () => {
  const lines = EXAMPLE.split('\n');
  const names = lines.flatMap((line) => VARIABLE_LINE.exec(line)?.[1] ?? []);

  it('lists every variable of the schema once, and nothing else', () => {
    expect([...names].sort()).toEqual(Object.keys(VARIABLES.shape).sort());
  });

  it('sets nothing until a line is uncommented, and explains each variable above it', () => {
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
    const unexplained = lines.filter(
      (line, index) => VARIABLE_LINE.test(line) && !/^# .+\.$/.test(lines[index - 1] ?? ''),
    );
    expect(unexplained).toEqual([]);
  });

  it('shows the defaults of development', () => {
    const shown = parseEnv(EXAMPLE.replaceAll(/^#(?=[A-Z])/gm, ''));
    const withoutDefault = /^# .*No default.*\n#([A-Z_]+)=/gm;
    const unset = new Set([...EXAMPLE.matchAll(withoutDefault)].map(([, name]) => name));
    const set = Object.entries(shown).filter(([name]) => !unset.has(name));
    expect(parse(Object.fromEntries(set))).toEqual(parse({}));
  });

  it('shows no value that production would take for a secret', () => {
    const shown = parseEnv(EXAMPLE.replaceAll(/^#(?=[A-Z])/gm, ''));
    expect(() => parse({ ...shown, NODE_ENV: 'production' })).toThrow(
      /^JWT_SECRET .*\nJWT_KEYS .*placeholder.*\nAUDIT_KEYS .*placeholder.*\nVAULT_KEYS .*placeholder.*\nDATABASE_SERVER_URL .*\nDATABASE_WORKER_URL .*\nPUBLIC_URL .*\nSMTP_URL .*placeholder.*$/,
    );
  });
});

describe('.env', () => {
  it('fills what the environment leaves open', () => {
    vi.stubEnv('LOG_LEVEL', 'warn');
    writeFileSync(path.join(directory, '.env'), 'LOG_LEVEL=debug\nPORT=4567\n');
    const settings = loadSettings({ rootDirectory: directory, purpose: 'server' });
    expect(settings.log.level).toBe('warn');
    expect(settings.http.port).toBe(4567);
  });

  it('is hidden, one by one, by an empty variable of the environment', () => {
    vi.stubEnv('LOG_LEVEL', '');
    writeFileSync(path.join(directory, '.env'), 'LOG_LEVEL=debug\n');
    const settings = loadSettings({ rootDirectory: directory, purpose: 'server' });
    expect(settings.log.level).toBe('info');
  });

  it('may be absent', () => {
    vi.stubEnv('PORT', '4568');
    const settings = loadSettings({ rootDirectory: directory, purpose: 'server' });
    expect(settings.http.port).toBe(4568);
  });
});

describe('the secret of development', () => {
  it('is made once, kept, and readable by its owner alone', () => {
    const data = path.join(directory, 'data');
    const secret = developmentSecret(data);
    expect(secret.length).toBeGreaterThanOrEqual(43);
    expect(developmentSecret(data)).toBe(secret);
    expect(statSync(path.join(data, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('is the same for programs that start at once', async () => {
    const module = path.resolve('src/services/platform/config/development-secret.ts');
    const script = `import { developmentSecret } from ${JSON.stringify(module)};
      process.stdout.write(developmentSecret(${JSON.stringify(directory)}));`;
    const run = promisify(execFile);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        run(process.execPath, ['--input-type=module-typescript', '-e', script]),
      ),
    );
    expect(new Set(answers.map(({ stdout }) => stdout)).size).toBe(1);
  });

  it('is another one for the audit log, in a file of its own', () => {
    const key = developmentSecret(directory, 'auditKey');
    expect(developmentSecret(directory, 'auditKey')).toBe(key);
    expect(developmentSecret(directory)).not.toBe(key);
    expect(statSync(path.join(directory, 'audit-key.json')).mode & 0o777).toBe(0o600);
  });

  it('is not replaced when its file is damaged', () => {
    const file = path.join(directory, 'secrets.json');
    writeFileSync(file, '{"jwtSec');
    chmodSync(file, 0o600);
    expect(() => developmentSecret(directory)).toThrow(ConfigError);
    expect(readFileSync(file, 'utf8')).toBe('{"jwtSec');
  });
});

function parse(variables: Record<string, string | undefined>) {
  return parseSettings({
    variables,
    purpose: 'server',
    rootDirectory: directory,
    developmentSecret: () => 'made for development',
  });
}
