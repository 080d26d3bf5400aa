import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../clock.ts';
import { InvalidInput } from '../errors.ts';
import { openMigrationEngine, type SchemaFile } from './engine.ts';

const SCHEMA = 'schema.prisma';

export interface NextMigrationOptions {
  /** Any database: the engine asks it what it is, and neither reads nor writes it. */
  readonly databaseUrl: string;
  /** The folder that holds schema.prisma and migrations/. */
  readonly prismaFolder: string;
  /** What it is for, such as "add news". */
  readonly name: string;
  readonly clock: Clock;
  /** Writes one even if the schema has not changed, for SQL by hand alone. */
  readonly isEmptyAllowed: boolean;
}

/**
 * Writes the next migration: the SQL that leads from the schema of the newest migration to the
 * present one, and a copy of the present one, from which the migration after it will start. Answers
 * its folder, or undefined when the schema has not changed.
 */
export async function writeNextMigration(
  options: NextMigrationOptions,
): Promise<string | undefined> {
  const folder = path.join(options.prismaFolder, 'migrations');
  const newest = await newestWithSchema(folder);
  const schema = await readFile(path.join(options.prismaFolder, SCHEMA), 'utf8');
  const before = newest && (await readFile(path.join(folder, newest, SCHEMA), 'utf8'));
  const sql = await difference(options.databaseUrl, before, schema);
  if (sql === '' && !options.isEmptyAllowed) return undefined;
  const made = path.join(folder, `${timeAfter(newest, options.clock)}_${slugOf(options.name)}`);
  await mkdir(made);
  await writeFile(path.join(made, 'migration.sql'), `${sql}${byHand(sql)}`);
  await writeFile(path.join(made, SCHEMA), schema);
  return made;
}

async function difference(
  databaseUrl: string,
  before: string | undefined,
  after: string,
): Promise<string> {
  const file = (content: string): SchemaFile => ({ path: SCHEMA, content });
  await using engine = await openMigrationEngine(databaseUrl);
  return await engine.diff(before === undefined ? undefined : file(before), file(after));
}

async function newestWithSchema(folder: string): Promise<string | undefined> {
  const names = (await readdir(folder)).sort().reverse();
  return names.find((name) => existsSync(path.join(folder, name, SCHEMA)));
}

/** The time in the name decides the order, so it lies after the newest, whatever the clock says. */
function timeAfter(newest: string | undefined, clock: Clock): string {
  const now = clock.now().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const last = newest?.slice(0, 14) ?? '';
  return now > last ? now : String(BigInt(last) + 1n);
}

function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  if (slug === '') throw new InvalidInput('name', 'The name of a migration needs letters.');
  return slug;
}

/** Prisma knows tables, not who may see their rows: a table without these lines is open to all. */
function byHand(sql: string): string {
  const tables = [...sql.matchAll(/^CREATE TABLE "(\w+)"/gm)].map(([, table]) => String(table));
  if (tables.length === 0) return '';
  return [
    '',
    '-- By hand, for each new table: grants to tradegraph_server and tradegraph_worker, row-level',
    '-- security (ENABLE and FORCE) with its policies, checks, and append_only where it is history:',
    ...tables.map((table) => `--   ${table}`),
    '',
  ].join('\n');
}
