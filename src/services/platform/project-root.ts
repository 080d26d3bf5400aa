import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * The folder of package.json: migrations and static files are found from it, by the sources and by
 * what they were compiled to, wherever the program was started.
 */
export const PROJECT_ROOT = findRoot(import.meta.dirname);

function findRoot(folder: string): string {
  if (existsSync(path.join(folder, 'package.json'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('package.json is missing from the folder of the program.');
  return findRoot(parent);
}

/** The migrations, in folders named by time and purpose. */
export const MIGRATIONS_FOLDER = path.join(PROJECT_ROOT, 'prisma', 'migrations');
