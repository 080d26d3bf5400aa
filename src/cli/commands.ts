import type { Command } from 'commander';
import { registerAdmin } from './admin.ts';
import { registerAudit } from './audit.ts';
import { registerDatabase } from './database.ts';
import { registerExport } from './export.ts';
import { registerImport } from './import.ts';
import { registerPeople } from './people.ts';
import { registerSecrets } from './secrets.ts';

/**
 * Adds one group of commands. It imports what the commands stand on only when one of them runs, so
 * that `--help` and small commands answer at once.
 */
export type Register = (program: Command) => void;

/** Every group, in the order of `--help`. */
export const COMMANDS: readonly Register[] = [
  registerDatabase,
  registerPeople,
  registerAdmin,
  registerImport,
  registerExport,
  registerAudit,
  registerSecrets,
];
