import { spawn } from 'node:child_process';
import { ROOT } from './places.mjs';

const HEARTBEAT_MS = 5_000;
const TAIL_LINES = 12;

/**
 * Runs one command that may take long: says what it does, then every 5 s that it still does, then
 * how long it took. What the command itself prints is shown only if it fails, its last lines.
 * @throws Error with those lines when the command fails
 */
export async function runStep({ title, command, args, environment, isShell = false }) {
  const startedMs = performance.now();
  const seconds = () => ((performance.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(`${title}\n`);
  const heartbeat = setInterval(
    () => process.stdout.write(`  ... ${Math.round(seconds())} s\n`),
    HEARTBEAT_MS,
  );
  try {
    const tail = await run({ command, args, environment, isShell });
    process.stdout.write(`  done in ${seconds()} s\n`);
    return tail;
  } catch (error) {
    throw new Error(`"${[command, ...args].join(' ')}" failed: ${error.message}`, { cause: error });
  } finally {
    clearInterval(heartbeat);
  }
}

function run({ command, args, environment, isShell }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: environment,
      shell: isShell,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let lines = [''];
    const keep = (chunk) => {
      const [first, ...rest] = chunk.toString('utf8').split('\n');
      lines = [...lines.slice(0, -1), `${lines.at(-1)}${first}`, ...rest].slice(-100);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => reject(new Error(error.message)));
    child.once('close', (code, signal) => {
      const said = lines.filter((line) => line.trim() !== '');
      if (code === 0) return resolve(said.join('\n'));
      const tail = said.slice(-TAIL_LINES).map((line) => `\n  ${line.trimEnd()}`);
      return reject(new Error(`${signal ?? `exit code ${code}`}${tail.join('')}`));
    });
  });
}
