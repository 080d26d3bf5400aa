import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * The folder of the project: migrations and static files are found from it, by the sources and by
 * what they were compiled to, wherever the program was started.
 */
export const PROJECT_ROOT = findRoot(import.meta.dirname);

/** The migrations, in folders named by time and purpose. */
export const MIGRATIONS_FOLDER = migrationsIn(PROJECT_ROOT);

function findRoot(folder: string): string {
  if (existsSync(migrationsIn(folder))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('prisma/migrations is missing from the project.');
  return findRoot(parent);
}

function migrationsIn(folder: string): string {
  return path.join(folder, 'prisma', 'migrations');
}
