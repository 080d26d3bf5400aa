import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { settleEstate, untilQuiet, type Estate } from '../support/estate.ts';
import { openGraph } from '../support/graph.ts';
import { dumpTables } from '../support/table-dump.ts';
import { tokenOf } from './isolation-callers.ts';
import { readRootTable, type RootLine } from './isolation-lines.ts';
import { outcomeOf } from './isolation-outcome.ts';
import { PROBES } from './isolation-probes.ts';
import { CALLERS, type Caller } from './isolation-table.ts';
import { thingsOf } from './isolation-things.ts';

const cases = readRootTable()
  .filter(({ place }) => place.startsWith('Mutation.'))
  .flatMap((line) =>
    CALLERS.map((caller) => ({ ...line, caller, outcome: line.outcomes[caller] })),
  );
const refused = cases.filter(({ outcome }) => outcome !== 'data');
const allowed = cases.filter(({ outcome }) => outcome === 'data');

let database: TestDatabase;
let estate: Estate;

beforeAll(async () => {
  database = await createTestDatabase();
  const graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  estate = await settleEstate(graph, database);
});

/** Runs a write as a caller in a session of its own, with the tables before and after it. */
async function write({ place, thing }: RootLine, caller: Caller) {
  const token = await tokenOf(estate, caller);
  const about = thing === undefined ? undefined : thingsOf(estate)[thing];
  await untilQuiet(database);
  const before = await dumpTables(database);
  const answer = await estate.graph.ask(`mutation { ${String(PROBES[place]?.(about))} }`, token);
  await untilQuiet(database);
  return { answer, before, after: await dumpTables(database) };
}

/** Whoever tries these without the right to is written down. */
const ADMINISTRATIVE =
  /^Mutation\.((approve|reject|disable|enable|create|update|delete)User|announceCorporateAction|setUserRole|setKillSwitch|setRiskLimits|updateSettings|retryMail|(una|a)pproveEmails?)$/;

/** Whoever guesses is written down as well. */
const GUESSES: Readonly<Record<string, string>> = {
  INVALID_CREDENTIALS: 'user.log-in-refused',
  INVALID_SECOND_FACTOR: 'user.second-factor-refused',
};

describe('a write that is refused changes nothing', () => {
  it.each(refused)('$title, asked by the $caller: $outcome', async (line) => {
    const { answer, before, after } = await write(line, line.caller);
    expect(outcomeOf(answer, line.fieldName)).toBe(line.outcome);
    const isAttempt = line.outcome === 'FORBIDDEN' && ADMINISTRATIVE.test(line.place);
    const records = after['audit_records']?.splice(before['audit_records']?.length ?? 0);
    const guess = GUESSES[line.outcome];
    const expected = isAttempt
      ? [{ action: expect.stringMatching(/\.(change-)?refused$/) as string }]
      : [];
    expect(records).toMatchObject(guess === undefined ? expected : [{ action: guess }]);
    expect(after).toEqual(before);
  });

  it('but for the audit row of a log-in that was refused', async () => {
    const { audit_records: records = [], ...before } = await dumpTables(database);
    const answer = await estate.graph.ask(
      `mutation { logIn(input: { login: "owner_ada", password: "not the password" })
        { ... on Error { code } ... on LogInSuccess { accessToken } } }`,
    );
    expect(answer.data).toEqual({ logIn: { code: 'INVALID_CREDENTIALS' } });
    const { audit_records: recordsAfter = [], ...after } = await dumpTables(database);
    expect(after).toEqual(before);
    expect(recordsAfter).toHaveLength(records.length + 1);
    expect(recordsAfter).toEqual(expect.arrayContaining(records));
  });
});

/** What administrators set for others, and tell them. */
const OF_RISKS = ['risk_limits', 'kill_switches', 'outbox', 'event_log'];
const SET_FOR_OTHERS: Readonly<Record<string, readonly string[]>> = {
  'Mutation.setKillSwitch': OF_RISKS,
  'Mutation.setRiskLimits': OF_RISKS,
};

describe('a write that is allowed', () => {
  it.each(allowed)('is done: $title, asked by the $caller', async (line) => {
    const { answer, before, after } = await write(line, line.caller);
    expect(outcomeOf(answer, line.fieldName)).toBe('data');
    expect(after).not.toEqual(before);
    // Whoever else writes leaves the owner's rows as they are.
    const others = SET_FOR_OTHERS[line.place] ?? [];
    if (line.caller !== 'owner') {
      expect(ownedRows(after, others)).toEqual(ownedRows(before, others));
    }
  });
});

function ownedRows(
  dump: Record<string, unknown[]>,
  leftOut: readonly string[],
): Record<string, unknown[]> {
  const isOwned = (row: unknown) => (row as { owner_id?: string }).owner_id === estate.owner.id;
  return Object.fromEntries(
    Object.entries(dump)
      .filter(([name]) => !leftOut.includes(name))
      .map(([name, rows]) => [name, rows.filter(isOwned)]),
  );
}
