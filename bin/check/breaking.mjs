import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { git, isGitCheckout } from './git.mjs';

const SDL = 'src/schema/schema.graphql';

/**
 * Compares the committed SDL with that of the last release (the newest tag `v*` that leads here)
 * and exits 1 when a client that works with the release would break. What was deprecated in the
 * release may go. Without a release, or with one that had no schema, nothing can break.
 */
function main() {
  process.chdir(path.join(import.meta.dirname, '../..'));
  const release = lastRelease();
  if (!release) {
    console.log('There is no release yet (no tag v*), so no client can break.');
    return;
  }
  const released = schemaOf(release);
  if (released === undefined) {
    console.log(`Release ${release} had no ${SDL}, so no client can break.`);
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'tradegraph-sdl-'));
  try {
    const file = path.join(folder, 'released.graphql');
    writeFileSync(file, released);
    console.log(`Changes since ${release}:`);
    process.exitCode = compare(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function lastRelease() {
  if (!isGitCheckout()) return undefined;
  try {
    return git('describe', '--tags', '--abbrev=0', '--match', 'v*');
  } catch {
    return undefined;
  }
}

function schemaOf(release) {
  const isThere = git('ls-tree', '--name-only', release, '--', SDL) !== '';
  return isThere ? git('show', `${release}:${SDL}`) : undefined;
}

function compare(releasedFile) {
  const rules = ['--rule', 'suppressRemovalOfDeprecatedField'];
  const { status } = spawnSync(
    path.join('node_modules', '.bin', 'graphql-inspector'),
    ['diff', releasedFile, SDL, ...rules],
    { stdio: 'inherit' },
  );
  return status ?? 1;
}

main();
