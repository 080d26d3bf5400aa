import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { plainEnvironment } from './run-program.ts';

/** A program that goes on until it is told to stop. */
export interface StartedProgram {
  readonly process: ChildProcess;
  /** What it has printed so far, standard error included. */
  readonly output: () => string;
  /** The URL that it answers at. Rejects with its output when it ends instead. */
  readonly url: Promise<string>;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

const ROOT = path.resolve(import.meta.dirname, '../..');
const ANSWERS = /answers at (\S+)/;

/** Starts `program` (its path from the root); whatever the test does, it does not outlive it. */
export function startProgram(
  program: string,
  environment: Readonly<Record<string, string>>,
  node = process.execPath,
): StartedProgram {
  const child = spawn(node, [path.join(ROOT, program)], {
    cwd: ROOT,
    env: { ...plainEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(() => child.exitCode);
  let output = '';
  const url = new Promise<string>((resolve, reject) => {
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
      const found = ANSWERS.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    void ended.then(() => {
      reject(new Error(`It ended before it answered:\n${output}`));
    });
  });
  url.catch(() => undefined);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await ended;
    }
  });
  return { process: child, output: () => output, url, ended };
}

/** The `data` of an answer of the API. */
export async function askApi(
  url: string,
  query: string,
  accessToken?: string,
): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
    },
    body: JSON.stringify({ query }),
  });
  const answer = (await response.json()) as { data?: Record<string, unknown>; errors?: unknown };
  if (answer.errors !== undefined || !answer.data) throw new Error(JSON.stringify(answer));
  return answer.data;
}
