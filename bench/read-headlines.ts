import argon2 from 'argon2';
import Table from 'cli-table3';
import { Client } from 'pg';
import { quantileOf } from './bench-numbers.ts';
import { prepareGet, prepareRequest, type PreparedRequest } from './read-client.ts';
import type { LoadName } from './read-mix.ts';
import { load } from './read-rounds.ts';
import type { Figures } from './read-run.ts';
import type { System } from './read-systems.ts';
import { TABLE_STYLE } from './read-table.ts';

/** What a system that this one replaces promises, and how long ours takes beside it. */
export interface Headline {
  readonly promise: string;
  readonly limitMs: number;
  readonly p99Ms: number;
  readonly how: string;
}

const PASSWORD = 'correct horse battery staple'; // not a secret: of people who live as long as a bench
/** OWASP's parameters, which are the default of the program. */
const COST = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const LOG_IN = `mutation LogIn($login: String!) {
  logIn(input: { login: $login, password: "${PASSWORD}" }) { ... on LogInSuccess { accessToken } ... on Error { code } } }`;
const LOG_INS = 20;

/** Those of reads, whose waiting times the run has taken already. */
const OF_READS: readonly (readonly [LoadName, string, number])[] = [
  ['viewer', 'API < 50 ms: viewer', 50],
  ['orders', 'data < 500 ms: orders', 500],
  ['leaderboard', 'leaderboard < 1 s', 1_000],
];

/** The promises of PRODUCT.md about reads, health and log-ins, each with our p99 in this run. */
export async function measureHeadlines(
  ours: System,
  figures: readonly Figures[],
  { seconds, connections }: { readonly seconds: number; readonly connections: number },
): Promise<readonly Headline[]> {
  const { url } = ours.process;
  const p99Of = async (requests: readonly PreparedRequest[], clients: number, forSeconds: number) =>
    quantileOf(
      (await load(ours, { requests, connections: clients, seconds: forSeconds })).latenciesMs,
      0.99,
    );
  const health = [prepareGet(new URL('/health', url).href)];
  const logIns = await prepareLogIns(ours);
  await p99Of(logIns, 1, seconds);
  const among = `${connections} connections`;
  return [
    {
      ...{ promise: 'health < 50 ms', limitMs: 50, how: among },
      p99Ms: await p99Of(health, connections, seconds),
    },
    {
      ...{ promise: 'auth < 200 ms: log-in', limitMs: 200, how: 'one at a time' },
      p99Ms: await p99Of(logIns, 1, seconds * 2),
    },
    ...OF_READS.flatMap(([name, promise, limitMs]) => {
      const found = figures.find((one) => one.load === name && one.system === ours.name);
      return found ? [{ promise, limitMs, how: among, p99Ms: found.p99Ms }] : [];
    }),
  ];
}

async function prepareLogIns({ process: { url }, cluster }: System): Promise<PreparedRequest[]> {
  const owner = new Client({ connectionString: cluster.ownerUrl });
  await owner.connect();
  await owner.query('UPDATE users SET password_hash = $1', [await argon2.hash(PASSWORD, COST)]);
  await owner.end();
  return Array.from({ length: LOG_INS }, (_, index) => {
    const variables = { login: `reader_${index + 1}` };
    const body = JSON.stringify({ query: LOG_IN, variables });
    return prepareRequest({ url, body }, undefined, 'accessToken');
  });
}

export function printHeadlines(headlines: readonly Headline[]): void {
  const table = new Table({
    head: ['promised by what it replaces', 'our p99', 'measured with', 'kept'],
    style: TABLE_STYLE,
  });
  for (const { promise, limitMs, p99Ms, how } of headlines) {
    table.push([promise, `${p99Ms.toFixed(1)} ms`, how, p99Ms < limitMs ? 'yes' : 'no']);
  }
  console.log(table.toString());
}
