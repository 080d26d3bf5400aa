import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { createFoundation } from '../../../src/app/foundation.ts';
import { createOperators } from '../../../src/app/people.ts';
import { configWith, parseSettings } from '../../../src/services/platform/config/settings.ts';
import { roleUrl } from '../../../src/services/platform/migrations/roles.ts';
import type { UserRole } from '../../../src/services/platform/prisma/enums.ts';
import { freshAnchorFile } from '../../support/anchor-file.ts';
import { plainEnvironment } from '../../support/run-program.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

/** Someone of the server under attack. */
export interface Target {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
  /** Of a session that lasts longer than the attacks. */
  readonly token: string;
}

/** A server of its own in production mode, with little memory, and the people in it. */
export interface AttackHouse {
  readonly port: number;
  /** The origin of its frontend. */
  readonly origin: string;
  /** Whoever attacks: a person like others. */
  readonly mallory: Target;
  /** Whose things nobody may touch; has a model with an account. */
  readonly ada: Target;
  /** Whom an administrator may do anything to. */
  readonly victim: Target;
  readonly admin: Target;
  readonly superAdmin: Target;
  readonly keys: TokenKeys;
  /** Global ids of Ada's. */
  readonly modelId: string;
  readonly accountId: string;
  /** An address of this machine that nobody has called from yet. */
  nextAddress(): string;
  /** As the superuser. */
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** What the server wrote to its log so far. */
  log(): string;
  isAlive(): boolean;
  /** Memory of the server that is in use, in MiB. */
  residentMib(): number;
  stop(): Promise<void>;
}

/** Those of the server: the first signs, the other is an old one that is known still. */
export interface TokenKeys {
  readonly ed: { readonly id: string; readonly secret: KeyObject; readonly open: KeyObject };
  readonly hs: { readonly id: string; readonly secret: Buffer };
}

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** Its code alone takes most of it. */
const HEAP_MIB = 192;
const ORIGIN = 'https://app.example.com';
const SECRET = randomBytes(48).toString('base64');

/** Starts the server on the migrated database of `ownerUrl`. */
export async function openAttackHouse(
  ownerUrl: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<AttackHouse> {
  const keys = makeKeys();
  const environment = { ...environmentOf(ownerUrl, keys), ...variables };
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  const closing: (() => Promise<unknown>)[] = [() => client.end()];
  const stop = async () => {
    for (let close = closing.pop(); close; close = closing.pop()) await close();
  };
  try {
    await client.query(ADD_INSTRUMENT);
    const people = await makePeople(environment);
    const { child, log, port } = await startServer(environment);
    closing.push(() => stopServer(child));
    const models = await makeModel({ port, ada: people.ada });
    return {
      ...{ port, keys, log, ...people, ...models, origin: ORIGIN, stop },
      nextAddress: addresses(),
      query: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
        (await client.query<Row>(sql, [...values])).rows,
      isAlive: () => child.exitCode === null && child.signalCode === null,
      residentMib: () => residentMib(child),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
}

const ADD_INSTRUMENT = `
  INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
    is_tradable, source, fee_bps, created_at)
  SELECT gen_random_uuid(), 'ACME.SIM', 'Acme', 'STOCK', 'USD', 'America/New_York', 0.01, 1, true,
    'SIMULATED', 0, now() ON CONFLICT DO NOTHING`;

function makeKeys(): TokenKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    ed: { id: 'new', secret: privateKey, open: publicKey },
    hs: { id: 'old', secret: Buffer.from(SECRET, 'base64') },
  };
}

function environmentOf(ownerUrl: string, { ed, hs }: TokenKeys): Record<string, string> {
  const pkcs8 = ed.secret.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    JWT_KEYS: `${ed.id}:ed25519:${pkcs8},${hs.id}:${SECRET}`,
    AUDIT_KEYS: `first:${SECRET}`,
    VAULT_KEYS: `first:${SECRET}`,
    AUDIT_ANCHOR_FILE: freshAnchorFile(),
    AUTH_COOKIES: 'true',
    CORS_ALLOWED_ORIGINS: ORIGIN,
    // The only proxy; whoever comes from another address of this machine is nobody's proxy.
    TRUSTED_PROXIES: '127.0.0.1',
    REQUEST_TIMEOUT_MS: '3000',
    // Patient, so that a busy machine makes no error of ours; less than what attacks would have it sleep.
    DATABASE_CONNECT_TIMEOUT_MS: '12000',
    DATABASE_STATEMENT_TIMEOUT_MS: '12000',
    DATABASE_TRANSACTION_TIMEOUT_MS: '25000',
    EQUITY_INTERVAL_SECONDS: '86400',
    DATABASE_SERVER_URL: roleUrl(ownerUrl, 'tradegraph_server'),
    DATABASE_WORKER_URL: roleUrl(ownerUrl, 'tradegraph_worker'),
  };
}

async function makePeople(environment: Record<string, string>) {
  const settings = parseSettings({
    variables: environment,
    purpose: 'server',
    rootDirectory: ROOT,
    developmentSecret: () => SECRET,
  });
  const { urls } = settings.database;
  if (!urls) throw new Error('The database has no URLs.');
  const config = configWith(settings, urls);
  const logger = createSilentLogger();
  const foundation = await createFoundation({ config, logger, isServing: false });
  const operators = createOperators({ ...foundation, config });
  const person = async (username: string, role: UserRole): Promise<Target> => {
    const email = `${username}@people.example`;
    const password = `the password of ${username}`;
    const created = { username, email, password, role, status: 'ACTIVE' } as const;
    const { id } = await operators.createUser(created);
    const { accessToken: token } = await operators.issueToken(id, 3_600);
    return { id, username, email, password, token };
  };
  try {
    return {
      ada: await person('ada', 'USER'),
      mallory: await person('mallory', 'USER'),
      victim: await person('victim', 'USER'),
      admin: await person('warden', 'ADMIN'),
      superAdmin: await person('boss', 'SUPER_ADMIN'),
    };
  } finally {
    await foundation.close();
  }
}

async function startServer(environment: Record<string, string>) {
  const flags = [`--max-old-space-size=${String(HEAP_MIB)}`];
  const child = spawn(process.execPath, [...flags, path.join(ROOT, 'src/start.ts')], {
    cwd: ROOT,
    env: { ...plainEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      const found = /answers at http:\/\/[^:]+:(\d+)/.exec(stdout)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('close', () => {
      reject(new Error(`The server did not start:\n${stdout}${stderr}`));
    });
  });
  return { child, port, log: () => stderr };
}

/** 127.0.0.2 and on: all of 127.0.0.0/8 is this machine. */
function addresses(): () => string {
  let count = 1;
  return () => {
    count += 1;
    return `127.0.${String(count >> 8)}.${String(count & 255)}`;
  };
}

function residentMib({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024);
}

async function makeModel({ port, ada }: { readonly port: number; readonly ada: Target }) {
  const response = await fetch(`http://127.0.0.1:${String(port)}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ada.token}` },
    body: JSON.stringify({
      query: `mutation { createModel(input: {
        name: "Ada's", prompt: "Nobody reads this.", universe: ["ACME.SIM"], startingCash: "1000",
        intervalSeconds: 86400, idempotencyKey: "1"
      }) { ... on CreateModelSuccess { model { id accounts(first: 1) { nodes { id } } } } } }`,
    }),
  });
  const answer = (await response.json()) as {
    data?: { createModel: { model?: { id: string; accounts: { nodes: { id: string }[] } } } };
  };
  const model = answer.data?.createModel.model;
  if (!model) throw new Error(`The model was not made: ${JSON.stringify(answer)}`);
  return { modelId: model.id, accountId: model.accounts.nodes[0]?.id ?? '' };
}
