import { execFileSync } from 'node:child_process';

/** The output of a git command, as bytes; throws when git refuses. */
function gitBytes(...args) {
  return execFileSync('git', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
  });
}

/** The output of a git command, without the line break at its end. */
export function git(...args) {
  return gitBytes(...args)
    .toString('utf8')
    .trimEnd();
}

/** The paths that a git command prints; it must be given `-z`. */
export function gitPaths(...args) {
  return gitBytes(...args)
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '');
}

/** False in an unpacked archive or where git is not installed. */
export function isGitCheckout() {
  try {
    return git('rev-parse', '--is-inside-work-tree') === 'true';
  } catch {
    return false;
  }
}

/** Paths of files that the next commit adds or changes. */
export function stagedPaths() {
  return gitPaths('diff', '--cached', '--name-only', '--diff-filter=ACMRT', '-z');
}

/** A file as the next commit will hold it, which is not always what the work tree holds. */
export function stagedContent(path) {
  return gitBytes('show', `:${path}`);
}
