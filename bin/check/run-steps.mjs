import { spawn } from 'node:child_process';
import path from 'node:path';

const HEARTBEAT_MS = 8_000;
const STEP_LIMIT_MS = 10 * 60_000;
const OUTPUT_LIMIT_BYTES = 1024 * 1024;

const seconds = (sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/** Packages' commands first, so that `node` is the one of package.json and not the machine's. */
function environment() {
  const commands = path.resolve('node_modules/.bin');
  const PATH = [commands, process.env.PATH].join(path.delimiter);
  return { ...process.env, PATH, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) };
}

/**
 * Runs one step, a command line of the shell, and answers `{ ok, output }` with what it printed,
 * at most 1 MiB of it. A step that takes more than ten minutes is ended and has failed.
 */
function run({ command }) {
  return new Promise((resolve) => {
    const child = spawn(command, {
      shell: true,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks = [];
    let size = 0;
    const keep = (chunk) => {
      if (size < OUTPUT_LIMIT_BYTES) chunks.push(chunk);
      size += chunk.length;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const limit = setTimeout(() => {
      keep(Buffer.from(`\nEnded after ${STEP_LIMIT_MS / 60_000} minutes.\n`));
      child.kill('SIGKILL');
    }, STEP_LIMIT_MS);
    const end = (ok) => {
      clearTimeout(limit);
      resolve({ ok, output: Buffer.concat(chunks).toString('utf8').trim() });
    };
    child.once('error', (error) => {
      keep(Buffer.from(error.message));
      end(false);
    });
    child.once('close', (code) => end(code === 0));
  });
}

function report(step, { ok, output }, startedMs) {
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${step.name.padEnd(14)} ${seconds(startedMs).padStart(8)}`);
  if (ok) return;
  console.log(output.replace(/^/gm, '      '));
  if (step.fix) console.log(`      To mend it: ${step.fix}`);
}

/**
 * Runs the steps in order, `width` at a time, and answers the names of those that failed. Each
 * prints a line when it ends, and its output if it failed; a line every 8 s says what still runs.
 */
export async function runSteps(steps, width) {
  const waiting = [...steps];
  const running = new Map();
  const failed = [];

  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const startedMs = performance.now();
      running.set(step.name, startedMs);
      const outcome = await run(step);
      running.delete(step.name);
      report(step, outcome, startedMs);
      heartbeat.refresh();
      if (!outcome.ok) failed.push(step.name);
    }
  };
  const heartbeat = setInterval(() => {
    const names = [...running].map(([name, startedMs]) => `${name} (${seconds(startedMs)})`);
    console.log(`...   still at ${names.join(', ')}`);
  }, HEARTBEAT_MS);

  try {
    await Promise.all(Array.from({ length: width }, worker));
  } finally {
    clearInterval(heartbeat);
  }
  return failed;
}
