import { diagnose, readMigrations } from '../services/platform/migrations/migrate.ts';
import { driftOf } from '../services/platform/migrations/scratch.ts';
import { MIGRATIONS_FOLDER } from '../services/platform/project-root.ts';
import { say, type Operator } from './operator.ts';

const LACKS_RIGHT = '42501';

/** Prints how the database stands to the migrations. Answers whether the two agree. */
export async function printStatus({ ownerUrl }: Operator): Promise<boolean> {
  const migrations = await readMigrations(MIGRATIONS_FOLDER);
  const state = await diagnose(ownerUrl, migrations);
  const words = [
    { names: state.pending, word: 'pending', meaning: 'npm run migrate applies it' },
    { names: state.failed, word: 'failed', meaning: 'it stopped half way' },
    { names: state.edited, word: 'edited', meaning: 'its file was changed after it was applied' },
    { names: state.unknown, word: 'unknown', meaning: 'applied, but not in prisma/migrations' },
  ];
  const all = new Set([...migrations.map(({ name }) => name), ...state.unknown]);
  for (const name of [...all].sort()) {
    const said = words.filter(({ names }) => names.includes(name));
    if (said.length === 0) say(`applied   ${name}`);
    for (const { word, meaning } of said) say(`${word.padEnd(9)} ${name}  (${meaning})`);
  }
  const isClean = words.every(({ names }) => names.length === 0);
  // Against a database that is behind, every later change would look like drift.
  if (!isClean) return false;
  return printDrift(ownerUrl, migrations);
}

async function printDrift(
  ownerUrl: string,
  migrations: Awaited<ReturnType<typeof readMigrations>>,
): Promise<boolean> {
  try {
    const drift = await driftOf(ownerUrl, migrations);
    for (const line of drift) say(`drift     ${line}`);
    if (drift.length === 0) say('Up to date; nothing was changed past the migrations.');
    return drift.length === 0;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === LACKS_RIGHT)) throw error;
    say('Up to date. Whether anything was changed past the migrations is not known: the owner may');
    say('not make the scratch database that they are compared with (CREATEDB).');
    return true;
  }
}
