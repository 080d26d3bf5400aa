import assert from 'node:assert/strict';
import { buildSchema } from '../../../src/resolvers/index.ts';
import { encodeGlobalId, NODE_TYPES } from '../../../src/schema/global-ids.ts';
import { encodeCursor } from '../../../src/services/platform/event-log/cursor.ts';
import { inParallel, tally, type Attack } from './attack.ts';
import type { AttackHouse } from './house.ts';
import { placesOf, type Baseline, type Place } from './injection-places.ts';
import { openSocket } from './socket-wire.ts';
import { ask, readAnswer } from './wire.ts';

/** The database would cut it off (DATABASE_STATEMENT_TIMEOUT_MS), and the answer be an error of ours. */
const SLEEP_SECONDS = 15;
/** Wrong passwords for one name are answered slowly, 8 s at most. */
const SLOW_MS = 13_000;
const SLEEP = `pg_sleep(${String(SLEEP_SECONDS)})`;

const FEW = [`' OR 1=1); DROP TABLE users CASCADE; SELECT ${SLEEP}; --`];
const MANY = [
  `' OR 1=1; SELECT ${SLEEP}; --`,
  `'); DROP TABLE users CASCADE; --`,
  `" OR ""="`,
  `\\'; SELECT ${SLEEP}; --`,
  `$1; SELECT ${SLEEP}`,
  `'||(SELECT ${SLEEP})||'`,
  `' UNION SELECT password_hash FROM users --`,
  `%' OR '%'='`,
  `\${1+1}{{7*7}}`,
  `'::uuid OR ${SLEEP} IS NULL OR '1`,
  `|websearch:*&!<->'`,
];

/** Words of a database or of our code that no answer may hold. */
const TELLTALE =
  /syntax error|SQLSTATE|pg_catalog|prisma|relation "|column "|node_modules|at Object\.|\.ts:\d/i;

function baselineFor(house: AttackHouse): Baseline {
  const ids: Record<string, string> = {
    accountId: house.accountId,
    modelId: house.modelId,
    userId: encodeGlobalId('User', house.victim.id),
  };
  const texts: Record<string, string> = {
    symbol: 'ACME.SIM',
    symbols: 'ACME.SIM',
    universe: 'ACME.SIM',
    benchmark: 'ACME.SIM',
    username: 'someone_else',
    email: 'someone@else.example',
    timeZone: 'UTC',
  };
  return (typeName, name) => {
    switch (typeName) {
      case 'ID':
        return ids[name] ?? house.modelId;
      case 'Int':
      case 'Float':
        return 1;
      case 'Boolean':
        return true;
      case 'Decimal':
        return '1';
      case 'DateTime':
        return '2026-01-01T00:00:00.000Z';
      case 'Date':
        return '2026-01-01';
      case 'UUID':
        return house.ada.id;
      case 'Cursor':
        return encodeCursor(0n);
      case 'JSON':
        return {};
      default:
        return texts[name] ?? 'a text that is right';
    }
  };
}

/** The texts for one place; where ids and cursors are wrapped, what comes within the wrapping too. */
function textsFor({ typeName, name }: Place, payloads: readonly string[]): string[] {
  const wrapped = payloads.flatMap((payload) => {
    if (typeName === 'ID') {
      const types = ['Account', 'Model', 'User'].filter((type) => NODE_TYPES.includes(type));
      return types.slice(0, 2).map((type) => encodeGlobalId(type, payload));
    }
    return /\((after|before)\)$/.test(name) ? [Buffer.from(payload).toString('base64')] : [];
  });
  return [...payloads, ...wrapped];
}

interface Try {
  readonly place: Place;
  readonly text: string;
}

function triesOf(house: AttackHouse, payloads: readonly string[]): Try[] {
  const places = placesOf(buildSchema(), baselineFor(house));
  return places.flatMap((place) => textsFor(place, payloads).map((text) => ({ place, text })));
}

/** What is wrong with an answer; undefined for a proper one. */
function wrongWith({ place, text }: Try, answer: { status: number; text: string; tookMs: number }) {
  const { codes } = readAnswer({ ...answer, headers: {} });
  // A refusal may repeat what was sent.
  const said = answer.text.replaceAll(JSON.stringify(text).slice(1, -1), '');
  const what = [
    ...(answer.status >= 500 || answer.status === 0 ? [`status ${String(answer.status)}`] : []),
    ...(codes.includes('INTERNAL') ? ['INTERNAL'] : []),
    ...(answer.tookMs > SLOW_MS ? [`${answer.tookMs.toFixed(0)} ms`] : []),
    ...(TELLTALE.test(said) ? [said.slice(0, 200)] : []),
  ];
  return what.length > 0 ? `${place.name} with ${text}: ${what.join(', ')}` : undefined;
}

async function inject(house: AttackHouse, payloads: readonly string[], token: string) {
  const tries = triesOf(house, payloads).filter(({ place }) => place.kind !== 'subscription');
  const codes: string[] = [];
  const wrong = await inParallel(tries, 4, async (attempt) => {
    const { place, text } = attempt;
    const { document: query, given } = place;
    const variables = { given: given(text) };
    const answer = await ask(house, { query, variables, token, from: house.nextAddress() });
    codes.push(answer.codes[0] ?? 'answered');
    return wrongWith(attempt, answer);
  });
  const found = wrong.filter((what) => what !== undefined);
  assert.equal(found.length, 0, found.slice(0, 10).join('\n        '));
  return `${String(tries.length)} texts: ${tally(codes)}`;
}

async function injectStreams(house: AttackHouse, payloads: readonly string[]) {
  const tries = triesOf(house, payloads).filter(({ place }) => place.kind === 'subscription');
  const socket = await openSocket(house, { from: house.nextAddress() });
  await socket.init(house.mallory.token);
  const startedMs = performance.now();
  for (const [n, { place, text }] of tries.entries()) {
    socket.subscribe(place.document, String(n), { given: place.given(text) });
    socket.send({ id: String(n), type: 'complete' });
  }
  // Behind all of them, on the same socket.
  socket.subscribe('{ viewer { user { username } } }', 'last');
  const wrong: string[] = [];
  for (let message = await socket.next(); message.id !== 'last'; message = await socket.next()) {
    if (message.type?.startsWith('closed')) throw new Error(`The socket was ${message.type}.`);
    const said = JSON.stringify(message.payload ?? null);
    if (said.includes('INTERNAL') || TELLTALE.test(said)) wrong.push(said);
  }
  const tookMs = performance.now() - startedMs;
  socket.end();
  assert.deepEqual(wrong, []);
  assert.ok(tookMs < SLOW_MS, `it took ${String(tookMs)} ms`);
  return `${String(tries.length)} texts, none ran`;
}

/** Its own rows of events are given positions. */
const COUNTERS = ['event_head', 'event_topics'];
const REFUSAL = 'refused, or taken as the text that it is; no table is touched, no SQL answers';

const injections = (payloads: readonly string[], isLong: boolean): Attack[] => [
  {
    name: `SQL in every text of the graph, as a person (forms: ${String(payloads.length)})`,
    ...{ refusal: REFUSAL, mayAdd: true, writes: COUNTERS, isLong },
    run: (house) => inject(house, payloads, house.mallory.token),
  },
  {
    name: `SQL in every text of the graph, as an administrator (forms: ${String(payloads.length)})`,
    ...{ refusal: REFUSAL, mayAdd: true, writes: COUNTERS, isLong },
    run: (house) => inject(house, payloads, house.admin.token),
  },
  {
    name: `SQL in every text of the streams (forms: ${String(payloads.length)})`,
    ...{ refusal: REFUSAL, isLong },
    run: (house) => injectStreams(house, payloads),
  },
];

export const INJECTION: readonly Attack[] = [...injections(FEW, false), ...injections(MANY, true)];
