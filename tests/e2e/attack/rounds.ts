import { dumpTables } from '../../support/table-dump.ts';
import type { Attack } from './attack.ts';
import type { AttackHouse } from './house.ts';
import { ask } from './wire.ts';

/** What came of one attack. */
export interface AttackOutcome {
  readonly name: string;
  readonly refusal: string;
  readonly got: string;
  readonly tookMs: number;
  /** Memory of the server behind it. */
  readonly residentMib: number;
  /** What is not as it must be: the attack went through, or something stayed behind. */
  readonly findings: readonly string[];
}

type Dump = Readonly<Record<string, readonly unknown[]>>;

/** Everybody may be written down in these; how often someone comes back is told in the second. */
const WRITTEN_DOWN = ['audit_records'];
const ANSWER_MAX_MS = 10_000;

/** Runs the attacks one after another, and looks at the server after each. */
export async function runAttacks(
  house: AttackHouse,
  attacks: readonly Attack[],
  onOutcome: (outcome: AttackOutcome) => void = () => undefined,
): Promise<AttackOutcome[]> {
  const outcomes: AttackOutcome[] = [];
  for (const attack of attacks) {
    const outcome = await runAttack(house, attack);
    outcomes.push(outcome);
    onOutcome(outcome);
    if (!house.isAlive()) break;
  }
  return outcomes;
}

async function runAttack(house: AttackHouse, attack: Attack): Promise<AttackOutcome> {
  const before = await dumpTables(house);
  const startedMs = performance.now();
  const findings: string[] = [];
  let got = '';
  try {
    got = await attack.run(house);
  } catch (error) {
    findings.push(error instanceof Error ? error.message : String(error));
  }
  const tookMs = performance.now() - startedMs;
  if (house.isAlive()) {
    findings.push(...(await lifeFindings(house)));
    findings.push(...leftovers(attack, house, { before, after: await dumpTables(house) }));
  } else {
    findings.push(`The server died:\n${house.log().slice(-2_000)}`);
  }
  const { name, refusal } = attack;
  const residentMib = house.isAlive() ? house.residentMib() : 0;
  return { name, refusal, got, tookMs, residentMib, findings };
}

/** A person who has nothing to do with it is served as ever. */
async function lifeFindings(house: AttackHouse): Promise<string[]> {
  const query = '{ viewer { user { username } accounts(first: 1) { nodes { cash } } } }';
  const { data, tookMs, text } = await ask(house, { query, token: house.ada.token });
  const isRight = JSON.stringify(data) === RIGHT;
  return [
    ...(isRight ? [] : [`Ada was answered: ${text.slice(0, 300)}`]),
    ...(tookMs < ANSWER_MAX_MS ? [] : [`Ada waited for ${tookMs.toFixed(0)} ms.`]),
  ];
}

const RIGHT = JSON.stringify({
  viewer: { user: { username: 'ada' }, accounts: { nodes: [{ cash: '1000' }] } },
});

/** Nothing is written but audit rows; and where rows may be added, none that was there is changed. */
function leftovers(
  { writes = [], mayAdd = false }: Attack,
  { admin, mallory, victim }: AttackHouse,
  { before, after }: { readonly before: Dump; readonly after: Dump },
): string[] {
  const findings: string[] = [];
  for (const [table, rows] of Object.entries(before)) {
    if ([...WRITTEN_DOWN, ...writes].includes(table)) continue;
    const now = new Set((after[table] ?? []).map((row) => JSON.stringify(row)));
    const own = (row: string) => [admin, mallory, victim].some(({ id }) => row.includes(id));
    const was = rows.map((row) => JSON.stringify(row));
    const lost = was.filter((row) => !now.has(row) && !(mayAdd && own(row)));
    const addedCount = now.size - (was.length - lost.length);
    if (lost.length > 0) findings.push(`${table} lost ${String(lost[0])}`);
    if (addedCount > 0 && !mayAdd) findings.push(`${table} has ${String(addedCount)} more rows`);
  }
  return findings;
}
