import { spawn } from 'node:child_process';
import path from 'node:path';
import { VARIABLES } from '../../src/services/platform/config/variables.ts';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const ROOT = path.resolve(import.meta.dirname, '../..');
const TIMEOUT_MS = 120_000;
/** So that a busy machine makes a program slow, and no error of it. */
const PATIENT = {
  ...{ DATABASE_CONNECT_TIMEOUT_MS: '30000', DATABASE_STATEMENT_TIMEOUT_MS: '30000' },
  DATABASE_TRANSACTION_TIMEOUT_MS: '60000',
};

/**
 * Runs a program of the project (its path from the root) to its end. Of this process's environment
 * it sees no setting of Tradegraph, but those of `environment`; `input` is all that it may read.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  input?: string,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(ROOT, program), ...args], {
      cwd: ROOT,
      env: { ...plainEnvironment(), ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    // A program that does not read may be gone before it is written to.
    child.stdin.on('error', () => undefined).end(input);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

/**
 * What every program needs of the machine, patience with the database, and no other setting of
 * Tradegraph: an empty variable also hides what a developer's own .env says, such as the database whose tables a test would delete.
 */
export function plainEnvironment(): Record<string, string> {
  const folders = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'Path', 'TEMP', 'NODE_COMPILE_CACHE'];
  const names = [...folders, 'CI'];
  const settings = Object.keys(VARIABLES.shape).map((name) => [name, '']);
  const machine = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const given = Object.fromEntries([...settings, ...machine]) as Record<string, string>;
  return { ...given, ...PATIENT };
}
