import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const ROOT = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

export const inRoot = (...parts) => path.join(ROOT, ...parts);

/** The Node that package.json asks for; it comes as the npm package `node`. */
export const PROJECT_NODE = inRoot(
  'node_modules/node/bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

const COMMANDS = inRoot('node_modules/.bin');

/** The environment with the packages' commands found first, `node` among them. */
export function environmentOfProject(extra = {}) {
  return {
    ...process.env,
    [pathKey()]: [COMMANDS, ...pathFolders()].join(path.delimiter),
    ...extra,
  };
}

/** The environment of the machine: npm must not run on a Node that it is about to replace. */
export function environmentOfMachine(extra = {}) {
  const folders = pathFolders().filter(
    (folder) => !folder.endsWith(path.join('node_modules', '.bin')),
  );
  return { ...process.env, [pathKey()]: folders.join(path.delimiter), ...extra };
}

/** Full path of a command that the machine has, or undefined. */
export function findCommand(name) {
  return pathFolders()
    .map((folder) => path.join(folder, name))
    .find((file) => existsSync(file));
}

function pathFolders() {
  return (process.env[pathKey()] ?? '').split(path.delimiter).filter(Boolean);
}

/** Windows calls it `Path`, and a copy of the environment no longer forgives the difference. */
function pathKey() {
  return Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
}
