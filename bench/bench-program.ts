import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DatabaseUrls } from '../src/services/platform/config/database-urls.ts';
import { startProcess, type BenchProcess, type ProcessReport } from './bench-process.ts';

/** What a program of a bench is started with. */
export interface ProgramOptions {
  readonly urls: DatabaseUrls;
  /** Variables of its environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** For what it keeps in files. */
  readonly folder: string;
  /** Whether it asks the database bare: no transaction, and no viewer. */
  readonly isBare?: boolean;
  /** Options of Node, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** Of the process itself, for what Node and packages read there. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The one core that it may use; any if it is not given. */
  readonly core?: number | undefined;
  /** Folder of the checkout that is run; this one if it is not given. */
  readonly root?: string;
}

export type ProgramReport = ProcessReport;

/** Its address is that of GraphQL. */
export type BenchProgram = BenchProcess;

/** Starts `bench-server.ts` in a process of its own, as `npm start` would, and waits until it answers. */
export async function startProgram(options: ProgramOptions): Promise<BenchProgram> {
  const { nodeOptions = [], environment = {}, core } = options;
  const { root = path.join(import.meta.dirname, '..') } = options;
  const file = path.join(root, 'bench/bench-server.ts');
  const ofStart = [...nodeOptionsOf(root), ...nodeOptions];
  return startProcess(file, { options, nodeOptions: ofStart, environment, core });
}

/** What Node is told of its heap where the program itself is started. */
function nodeOptionsOf(root: string): string[] {
  const text = readFileSync(path.join(root, 'package.json'), 'utf8');
  const { scripts } = JSON.parse(text) as { readonly scripts: { readonly start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}
