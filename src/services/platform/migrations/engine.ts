import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { Pool } from 'pg';
import type * as Glue from '@prisma/schema-engine-wasm/schema_engine_bg';

/** Node's types leave WebAssembly to the browser's, which do not belong in a server. */
interface WebAssemblyApi {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
}
const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

const EVERYTHING = { externalTables: [], externalEnums: [] };

/** A file of the schema: its name and its text. */
export interface SchemaFile {
  readonly path: string;
  readonly content: string;
}

/** A migration: the name of its folder and its SQL. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** What has been done, and what is left to do, in one database. */
export interface MigrationState {
  readonly pending: readonly string[];
  /** Applied to the database, but not in the folder: another version of the program wrote them. */
  readonly unknown: readonly string[];
  /** Applied, and their file was changed since. */
  readonly edited: readonly string[];
  readonly failed: readonly string[];
}

/**
 * Prisma's own schema engine, run as WebAssembly in this process, so that migrations need no
 * downloaded binary. It keeps `_prisma_migrations` exactly as `prisma migrate deploy` does.
 */
export interface MigrationEngine extends AsyncDisposable {
  /** Applies what is pending, in order of name. Returns the names applied. */
  apply(migrations: readonly Migration[]): Promise<readonly string[]>;
  diagnose(migrations: readonly Migration[]): Promise<MigrationState>;
  /** SQL that leads from one schema to another; empty when they are the same. */
  diff(from: SchemaFile | undefined, to: SchemaFile): Promise<string>;
}

export async function openMigrationEngine(databaseUrl: string): Promise<MigrationEngine> {
  const pool = new Pool({ connectionString: databaseUrl, max: 2 });
  const engine = await instantiate(pool);
  const listOf = (migrations: readonly Migration[]) => ({
    baseDir: '/migrations',
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: sql } },
    })),
  });

  return {
    async apply(migrations) {
      const { appliedMigrationNames } = await engine.applyMigrations({
        migrationsList: listOf(migrations),
        filters: EVERYTHING,
      });
      return appliedMigrationNames;
    },

    async diagnose(migrations) {
      const answer = await engine.diagnoseMigrationHistory({
        migrationsList: listOf(migrations),
        optInToShadowDatabase: false,
        filters: EVERYTHING,
      });
      const { history } = answer;
      return {
        pending:
          history && 'unappliedMigrationNames' in history ? history.unappliedMigrationNames : [],
        unknown:
          history && 'unpersistedMigrationNames' in history
            ? history.unpersistedMigrationNames
            : [],
        edited: answer.editedMigrationNames,
        failed: answer.failedMigrationNames,
      };
    },

    async diff(from, to) {
      const { stdout } = await engine.diff({
        from: from ? { tag: 'schemaDatamodel', files: [from] } : { tag: 'empty' },
        to: { tag: 'schemaDatamodel', files: [to] },
        script: true,
        exitCode: null,
        filters: EVERYTHING,
      });
      const sql = stdout ?? '';
      return sql.includes('This is an empty migration') ? '' : sql;
    },

    async [Symbol.asyncDispose]() {
      engine.free();
      await pool.end();
    },
  };
}

async function instantiate(pool: Pool): Promise<Glue.SchemaEngine> {
  bindings ??= loadBindings();
  const adapter = bindMigrationAwareSqlAdapterFactory(new WholeScriptAdapter(pool));
  return (await bindings).SchemaEngine.new({ datamodels: undefined }, () => undefined, adapter);
}

type Bindings = typeof Glue;

/** Loaded once: its glue keeps views of one instance's memory, and a second instance breaks on them. */
let bindings: Promise<Bindings> | undefined;

async function loadBindings(): Promise<Bindings> {
  const glue = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const bytes = await readFile(new URL('schema_engine_bg.wasm', `file://${entry}`));
  const { instance } = await webAssembly.instantiate(bytes, {
    './schema_engine_bg.js': withoutWaiting(glue),
  });
  const { exports } = instance;
  (glue as unknown as { __wbg_set_wasm(wasm: unknown): void }).__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  // The engine calls this global when it panics; without it the panic would hide behind a TypeError.
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message() {} } });
  return glue;
}

/**
 * The engine gives up on its lock after ten seconds and leaves that timer behind when it has got it.
 * A program that is done with the engine must not wait for the timer.
 */
function withoutWaiting(glue: Bindings): Record<string, unknown> {
  const isTimer = ([name]: [string, unknown]) => name.startsWith('__wbg_setTimeout');
  const unreferenced = (work: () => void, delayMs: number) => setTimeout(work, delayMs).unref();
  const imports: [string, unknown][] = Object.entries(glue);
  return Object.fromEntries(
    imports.map((entry) => (isTimer(entry) ? [entry[0], unreferenced] : entry)),
  );
}

/**
 * Prisma's adapter cuts a script at each semicolon, which breaks functions, and runs the pieces one by
 * one. Sent whole, a script is one implicit transaction: a migration that fails leaves nothing behind.
 */
class WholeScriptAdapter extends PrismaPg {
  override async connect(): ReturnType<PrismaPg['connect']> {
    const connection = await super.connect();
    connection.executeScript = async (script) => {
      await connection.underlyingDriver().query(script);
    };
    return connection;
  }
}
