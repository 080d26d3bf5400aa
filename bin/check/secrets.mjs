import { existsSync, lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gitPaths, isGitCheckout, stagedContent, stagedPaths } from './git.mjs';
import { secretsIn } from './secret-shapes.mjs';

export const HOW_TO_WAIVE =
  'If a line only looks like a secret, say "not a secret: WHY" on it or above it.';

const LIMIT_KIB = 512;
/** Grows with the number of packages, and nobody can split it. */
const MAY_BE_LARGE = new Set(['package-lock.json']);
const SECRET_FILE =
  /^(?:\.env(?:\..+)?|.*\.(?:pem|p12|pfx|jks|key|keystore)|id_(?:rsa|dsa|ecdsa|ed25519))$/;
const NOT_A_SECRET_FILE = /^\.env\.example$/;
const PACKAGE_FILE =
  /^(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|\.npmrc|\.yarnrc(?:\.yml)?)$/;
const REGISTRY = [
  /"resolved"\s*:\s*"(?!file:)[a-z+]+:/,
  /\/\/[^/"\s]*(?:registry|npmjs|artifactory|nexus|verdaccio|jfrog)[^/"\s]*/i,
  /^\s*(?:@[\w-]+:)?registry\s*=/,
  /"registry"\s*:/,
];

/**
 * Complaints about one file that is or will be in the repository: secrets, files that hold keys by
 * their nature, files over 512 KiB, and hosts of package registries, which differ between machines
 * and would tie the lock file to one of them.
 */
export function complaintsAbout(file, content) {
  const name = path.basename(file);
  const complaints = [];
  if (SECRET_FILE.test(name) && !NOT_A_SECRET_FILE.test(name)) {
    complaints.push(`${file} is a file of secrets: take it out and name it in .gitignore`);
  }
  if (content.length > LIMIT_KIB * 1024 && !MAY_BE_LARGE.has(name)) {
    const size = Math.ceil(content.length / 1024);
    complaints.push(`${file} has ${size} KiB; ${LIMIT_KIB} KiB is the most a file may have`);
  }
  const isBinary = content.subarray(0, 8192).includes(0);
  if (isBinary) return complaints;

  const text = content.toString('utf8');
  complaints.push(...secretsIn(file, text));
  if (PACKAGE_FILE.test(name)) complaints.push(...registriesIn(file, text));
  return complaints;
}

function registriesIn(file, text) {
  return text.split('\n').flatMap((line, index) => {
    const found = REGISTRY.some((pattern) => pattern.test(line));
    return found ? [`${file}:${index + 1} names the host of a package registry`] : [];
  });
}

/** What the next commit holds of these files. */
export function complaintsAboutStaged() {
  return stagedPaths().flatMap((file) => complaintsAbout(file, stagedContent(file)));
}

/** All that is committed or could be added: a secret is found before it is staged. */
function complaintsAboutTree() {
  const files = gitPaths('ls-files', '--cached', '--others', '--exclude-standard', '-z');
  return files.flatMap((file) => {
    const isFile = existsSync(file) && lstatSync(file).isFile();
    return isFile ? complaintsAbout(file, readFileSync(file)) : [];
  });
}

function main() {
  if (!isGitCheckout()) {
    console.log('This is not a git checkout, so there is nothing to keep secrets out of.');
    return;
  }
  process.chdir(path.join(import.meta.dirname, '../..'));
  const complaints = [...new Set([...complaintsAboutTree(), ...complaintsAboutStaged()])];
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) {
    console.error(HOW_TO_WAIVE);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
