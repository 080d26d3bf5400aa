import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installHooks } from './check/hooks.mjs';
import {
  environmentOfMachine,
  environmentOfProject,
  inRoot,
  PROJECT_NODE,
  ROOT,
} from './lib/places.mjs';
import { isInstalled } from './lib/installed-packages.mjs';
import { runStep } from './lib/run-step.mjs';
import { withLock } from './lib/setup-lock.mjs';

// Only what Node brings may be imported here: this runs before there is a node_modules.

const NODE_MIN_MAJOR = 20;
/** Kept with what it describes, so that it goes when node_modules goes. */
const STAMP = inRoot('node_modules/.tradegraph-stamp');
const LOCK = inRoot('.data/setup.lock');
const GENERATED = [
  'src/services/platform/prisma/client.ts',
  'src/services/platform/pothos-types.ts',
];

/**
 * Brings this checkout to the state in which everything runs: packages as in package-lock.json,
 * code generated from the Prisma schema, git hooks. It does what has changed since the last time
 * and nothing else, in a few milliseconds when nothing has. Two at once wait for each other.
 * When it cannot, it says why and ends the process with exit code 1.
 */
export async function ensureReady() {
  try {
    refuseOldNode();
    if (!isReady()) await withLock(LOCK, makeReady);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

function refuseOldNode() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MIN_MAJOR) return;
  throw new Error(`Tradegraph needs Node ${NODE_MIN_MAJOR} or newer; this is ${process.version}.`);
}

function isReady() {
  const stamp = readStamp();
  return stamp.packages === hashOfPackages() && hasGenerated(stamp);
}

/** Another process may have done part of it, or all, while this one waited for the lock. */
async function makeReady() {
  if (readStamp().packages !== hashOfPackages()) await installPackages();
  if (!hasGenerated(readStamp())) await generateClient();
  inFolder(ROOT, installHooks);
}

async function installPackages() {
  const packages = hashOfPackages();
  if (isInstalled()) return writeStamp({ packages });
  // Windows cannot delete a program that runs, as `npm ci` would the Node that runs this.
  const canReplace =
    process.platform !== 'win32' || !process.execPath.startsWith(inRoot('node_modules'));
  await runStep({
    title: 'Installing packages (npm ci); this takes a minute the first time',
    command: 'npm',
    args: [canReplace ? 'ci' : 'install', '--include=dev', '--no-audit', '--no-fund'],
    environment: environmentOfMachine(),
    // npm is a script of the shell on Windows.
    isShell: process.platform === 'win32',
  });
  return writeStamp({ packages });
}

async function generateClient() {
  const generated = hashOfSchema();
  await runStep({
    title: 'Generating code from the Prisma schema',
    command: PROJECT_NODE,
    args: [inRoot('node_modules/prisma/build/index.js'), 'generate'],
    environment: environmentOfProject({
      // Prisma would download its engine although `generate` never runs it: any program will do.
      PRISMA_SCHEMA_ENGINE_BINARY: PROJECT_NODE,
      PRISMA_HIDE_UPDATE_MESSAGE: 'true',
      CHECKPOINT_DISABLE: '1',
    }),
  });
  writeStamp({ ...readStamp(), generated });
}

function hasGenerated(stamp) {
  return stamp.generated === hashOfSchema() && GENERATED.every((file) => existsSync(inRoot(file)));
}

/** The lock file alone says which packages; the platform says which of their binaries. */
function hashOfPackages() {
  return hash([process.platform, process.arch, readFileSync(inRoot('package-lock.json'))]);
}

/** The packages are part of it: another version of a generator writes other code. */
function hashOfSchema() {
  const texts = prismaFiles().map((file) => readFileSync(file));
  return hash([hashOfPackages(), readFileSync(inRoot('prisma.config.ts')), ...texts]);
}

function prismaFiles() {
  return readdirSync(inRoot('prisma'), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.prisma'))
    .map((entry) => inRoot('prisma', entry.name))
    .sort();
}

function hash(parts) {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part).update('\0');
  return sum.digest('hex');
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return {};
  }
}

function writeStamp(stamp) {
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, `${JSON.stringify(stamp)}\n`);
}

function inFolder(folder, work) {
  const before = process.cwd();
  process.chdir(folder);
  try {
    work();
  } finally {
    process.chdir(before);
  }
}
