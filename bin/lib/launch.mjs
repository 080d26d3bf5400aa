import { spawn } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { pathToFileURL } from 'node:url';
import { environmentOfProject, inRoot, PROJECT_NODE } from './places.mjs';

/** What Node compiled, and the types that it stripped, from one start to the next. */
const COMPILE_CACHE = inRoot('node_modules/.cache/compile');

const LAUNCHER_POLL_MS = 500;

/**
 * npm that is told to stop, or killed, leaves the program that it runs behind, which would go on
 * unseen. A program that npm launched therefore stops when npm has gone; one that was launched by
 * hand may outlive its terminal.
 */
export function stopWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const launchers = ancestors();
  const poll = setInterval(() => {
    if (ancestors() === launchers) return;
    clearInterval(poll);
    process.kill(process.pid, 'SIGTERM');
  }, LAUNCHER_POLL_MS);
  poll.unref();
}

/** The parent, most often a shell, and where it can be known the shell's own parent, npm. */
function ancestors() {
  try {
    const status = readFileSync(`/proc/${process.ppid}/status`, 'utf8');
    return `${process.ppid} ${/^PPid:\s*(\d+)/m.exec(status)?.[1]}`;
  } catch {
    return String(process.ppid);
  }
}

/**
 * Runs `entry` (from the root of the project) on the project's own Node: in this process when that
 * is what runs it, else in a child, whose end becomes this process's own.
 */
export async function launch(entry, args = []) {
  if (realpathSync(process.execPath) === realpathSync(PROJECT_NODE)) {
    module.enableCompileCache(COMPILE_CACHE);
    process.argv = [process.execPath, inRoot(entry), ...args];
    await import(pathToFileURL(inRoot(entry)).href);
    return;
  }
  await runOnProjectNode([inRoot(entry), ...args], { NODE_COMPILE_CACHE: COMPILE_CACHE });
}

/**
 * Runs the project's Node with `args` in a child, whose end becomes this process's own. What this process
 * was told of its heap goes for the child.
 */
export function runOnProjectNode(args, environment = {}) {
  const child = spawn(PROJECT_NODE, [...process.execArgv, ...args], {
    env: environmentOfProject(environment),
    // The child hears through the channel when this process is killed, and stops then.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // The child decides how it stops, and this process waits for it.
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`${PROJECT_NODE} does not run: ${error.message}\n`);
      process.exit(1);
    });
    child.once('exit', (code, signal) => {
      process.exitCode = code ?? (signal === null ? 1 : 128);
      resolve();
      process.exit();
    });
  });
}
