import { createApp, type App } from '../../src/app.ts';
import { createOperators } from '../../src/app/people.ts';
import { createAudit } from '../../src/services/audit/audit.ts';
import type { Clock } from '../../src/services/platform/clock.ts';
import type { Config } from '../../src/services/platform/config/config.ts';
import { configWith, parseSettings } from '../../src/services/platform/config/settings.ts';
import type { Instrument } from '../../src/services/platform/prisma/client.ts';
import type { UserRole } from '../../src/services/platform/prisma/enums.ts';
import { afterwards } from './afterwards.ts';
import { freshAnchorFile } from './anchor-file.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createSilentLogger } from './silent-logger.ts';
import { createTradingFloor, decimal } from './trading-floor.ts';

export interface TestPerson {
  readonly id: string;
  readonly username: string;
  readonly token: string;
}

export interface TestApp {
  readonly app: App;
  readonly config: Config;
  readonly database: TestDatabase;
  readonly log: ReturnType<typeof createSilentLogger>;
  /** `ACME.SIM`, which the engine fills as soon as it has a quote. */
  readonly instrument: Instrument;
  /** Quotes it now: bid 99, ask 101, a thousand of each, unless said. */
  quote(prices?: { readonly bid?: string; readonly ask?: string }): void;
  /** Makes a person who is logged in. */
  addPerson(username: string, role?: UserRole): Promise<TestPerson>;
  /** Another session of that person. */
  logIn(person: Pick<TestPerson, 'id'>, lifetimeSeconds?: number): Promise<string>;
  /** Gives a person another role, as an operator does. */
  changeRole(person: Pick<TestPerson, 'username'>, role: UserRole): Promise<void>;
}

/** Of everyone that {@link TestApp.addPerson} makes. */
export const PASSWORD = 'correct horse battery staple';
/** Hashing as cheap as it may be, since these tests are not about it; and patience on a busy machine. */
const VARIABLES = {
  ...{ AUDIT_SEAL_INTERVAL_SECONDS: '3600', QUOTE_FRESHNESS_SECONDS: '3600' },
  ...{ NODE_ENV: 'test', PORT: '0', SIMULATED_MARKET: 'false' },
  // Tests write rows by hand, and read them at once.
  PUBLIC_ANSWERS_BYTES: '0',
  ...{ ARGON2_MEMORY_KIB: '8192', ARGON2_PASSES: '1', EQUITY_INTERVAL_SECONDS: '86400' },
  ...{ DATABASE_CONNECT_TIMEOUT_MS: '60000', DATABASE_STATEMENT_TIMEOUT_MS: '60000' },
  DATABASE_TRANSACTION_TIMEOUT_MS: '60000',
};

/**
 * The whole program over a database of the test file's own, without the simulated market. Started
 * here and stopped after the file's last test.
 */
export async function openTestApp({
  variables = {},
  clock,
}: {
  readonly variables?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
} = {}): Promise<TestApp> {
  const database = await createTestDatabase();
  const config = testConfig(database, variables);
  const log = createSilentLogger();
  const floor = createTradingFloor(database, clock);
  // The engine takes the instruments that are there when it starts.
  const instrument = await floor.addInstrument({ symbol: 'ACME.SIM', name: 'Acme' });
  const app = await createApp({ config, logger: log, ...(clock && { clock }) });
  await app.start();
  afterwards(() => app.stop());
  const operators = createOperators({
    workerDb: database.worker,
    clock: app.clock,
    ids: app.ids,
    audit: createAudit({ clock: app.clock, ids: app.ids }),
    config,
  });
  const logIn: TestApp['logIn'] = async ({ id }, lifetimeSeconds = 3_600) => {
    const { accessToken } = await operators.issueToken(id, lifetimeSeconds);
    return accessToken;
  };

  return {
    app,
    config,
    database,
    log,
    instrument,
    quote({ bid = '99', ask = '101' } = {}) {
      app.services.quotes.put({
        ...{ instrumentId: instrument.id, symbol: instrument.symbol, source: 'SIMULATED' },
        ...{ bid: decimal(bid), ask: decimal(ask), last: decimal(bid) },
        ...{ bidSize: decimal(1_000), askSize: decimal(1_000), time: app.clock.now() },
      });
    },
    async addPerson(username, role = 'USER') {
      const { id } = await operators.createUser({
        ...{ username, role, status: 'ACTIVE' },
        email: `${username}@example.com`,
        password: PASSWORD,
      });
      return { id, username, token: await logIn({ id }) };
    },
    logIn,
    async changeRole({ username }, role) {
      await operators.activate(username, role);
    },
  };
}

function testConfig(
  { ownerUrl, serverUrl, workerUrl }: TestDatabase,
  variables: Readonly<Record<string, string>>,
): Config {
  const settings = parseSettings({
    variables: { ...VARIABLES, AUDIT_ANCHOR_FILE: freshAnchorFile(), ...variables },
    purpose: 'server',
    rootDirectory: '/nowhere',
    developmentSecret: () => 'a secret of the tests, long enough for anyone',
  });
  return configWith(settings, { owner: ownerUrl, server: serverUrl, worker: workerUrl });
}
