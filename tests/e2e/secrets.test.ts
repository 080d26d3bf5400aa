import { expect, it, onTestFinished } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startMailRelay } from '../support/mail-relay.ts';
import { openAttackHouse, type AttackHouse } from './attack/house.ts';
import { SECRET_PRODUCERS, type Life } from './secrets/producers.ts';

const { ownerUrl } = await createTestDatabase();

/** Where records of what happened are kept, and none of them for the secret itself. */
const RECORDS = {
  audit_records: 'to_jsonb(r)',
  event_log: 'to_jsonb(r)',
  outbox: 'to_jsonb(r)',
  idempotency_keys: 'to_jsonb(r)',
  // It has to know whom it is for, and a relay repeats that in what administrators read of a failure.
  mails: `to_jsonb(r) - 'recipient' - 'last_error'`,
} as const;

/** A secret as it may stand in a text. */
const formsOf = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
];

async function recordsOf({ query }: AttackHouse): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [table, row] of Object.entries(RECORDS)) {
    const [all] = await query<{ text: string | null }>(
      `SELECT string_agg((${row})::text, E'\\n') AS text FROM ${table} r`,
    );
    texts[table] = all?.text ?? '';
  }
  return texts;
}

it('tells no secret to its log, and keeps none in its records, whatever goes wrong', async () => {
  const relay = await startMailRelay();
  const house = await openAttackHouse(ownerUrl, {
    LOG_LEVEL: 'trace',
    SMTP_URL: `smtp://localhost:${String(relay.port)}?requireTLS=false`,
    MAIL_FROM: 'Tradegraph <tradegraph@example.com>',
    PUBLIC_URL: 'https://app.example.com',
  });
  onTestFinished(() => house.stop());
  const life: Life = { house, relay, secrets: new Set() };
  for (const { name, live } of SECRET_PRODUCERS) {
    await live(life).catch((error: unknown) => {
      throw new Error(`${name}: ${String(error)}\n${house.log().slice(-3_000)}`);
    });
  }
  expect(life.secrets.size).toBeGreaterThan(40);

  const places = { log: house.log(), ...(await recordsOf(house)) };
  // What is no secret is found, so that a secret would be. The outbox is emptied all the time.
  for (const [place, text] of Object.entries(places)) {
    if (place !== 'outbox') expect(text).toContain(house.mallory.id);
  }
  const told = [...life.secrets].flatMap((secret) =>
    Object.entries(places).flatMap(([place, text]) => {
      const form = formsOf(secret).find((each) => text.includes(each));
      if (form === undefined) return [];
      const at = text.indexOf(form);
      return [`${place}: ${text.slice(Math.max(0, at - 300), at + form.length + 100)}`];
    }),
  );
  expect(told).toEqual([]);
  expectLines(house.log());
}, 600_000);

interface Line {
  readonly [name: string]: unknown;
  readonly msg?: string;
  readonly errorCodes?: unknown;
}

/** One JSON line for each operation, with all that is promised of it. */
function expectLines(log: string): void {
  const lines = log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  const operations = lines.filter(({ msg }) => msg === 'Operation.');
  const whole = operations.filter(({ durationMs }) => durationMs !== undefined);
  expect(whole.length).toBeGreaterThan(20);
  for (const line of whole) {
    expect(line).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/) as string,
      level: 30,
      requestId: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      durationMs: expect.any(Number) as number,
    });
    for (const name of ['operation', 'userId', 'cost']) expect(line).toHaveProperty(name);
  }
  expect(whole.some(({ userId, operation }) => userId !== null && operation === 'Store')).toBe(
    true,
  );
  expect(operations.filter(({ errorCodes }) => errorCodes !== undefined).length).toBeGreaterThan(3);
}
