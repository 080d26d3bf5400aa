import { existsSync } from 'node:fs';
import { git } from './git.mjs';

/**
 * Makes git run .githooks/pre-commit in this checkout. It leaves alone an unpacked archive, a
 * machine of CI, and a checkout whose owner has hooks of another place.
 */
export function installHooks() {
  if (process.env.CI || !existsSync('.git')) return;
  try {
    if (git('config', '--default', '', '--get', 'core.hooksPath') !== '') return;
    git('config', '--local', 'core.hooksPath', '.githooks');
  } catch {
    // Without git there is nothing to hook into, and everything else works without it.
  }
}
