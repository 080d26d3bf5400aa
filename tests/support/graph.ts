import type { GraphQLSchema } from 'graphql';
import { createApp, type App } from '../../src/app.ts';
import { buildSchema } from '../../src/resolvers/index.ts';
import { hashRecoveryCode, newRecoveryCodes } from '../../src/services/accounts/recovery-codes.ts';
import { SecondFactorRequired } from '../../src/services/accounts/factor-errors.ts';
import { randomBytes } from '../../src/services/platform/random.ts';
import { createGraphServer } from '../../src/server/graph-server.ts';
import { systemClock, type Clock } from '../../src/services/platform/clock.ts';
import type { Config } from '../../src/services/platform/config/config.ts';
import { configWith, parseSettings } from '../../src/services/platform/config/settings.ts';
import { anonymousViewer, userViewer } from '../../src/services/platform/viewer.ts';
import { freshAnchorFile } from './anchor-file.ts';
import type { TestDatabase } from './database.ts';
import { createSilentLogger, type LoggedLine } from './silent-logger.ts';

/** What came back for one operation. */
export interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: { readonly code?: string };
  }[];
}

export interface GraphOptions {
  readonly clock?: Clock;
  /** The graph; without it, that of the program. */
  readonly schema?: GraphQLSchema;
  /** Variables of the environment, on top of {@link VARIABLES}. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The role that the server connects with; its own when it is left out. */
  readonly serverUrl?: string;
}

/** The program behind its graph, without a network: requests go through `yoga.fetch`. */
export interface Graph {
  readonly app: App;
  readonly config: Config;
  readonly schema: GraphQLSchema;
  /** What the program logged. */
  readonly lines: readonly LoggedLine[];
  /** Runs an operation as the bearer of `token`, or as nobody. */
  ask(document: string, token?: string): Promise<Answer>;
  /** A token of a fresh session, in which nobody has shown a second factor lately. */
  logIn(person: {
    /** Needed for one who has second factors. */
    readonly id?: string;
    readonly username: string;
    readonly password: string;
  }): Promise<string>;
}

/** Wide limits: a test asks for more at once than a client may. */
const VARIABLES = {
  NODE_ENV: 'test',
  JWT_SECRET: 'a-secret-of-the-tests-that-is-long-enough',
  SIMULATED_MARKET: 'false',
  // Tests write rows by hand, and read them at once.
  PUBLIC_ANSWERS_BYTES: '0',
  AUDIT_SEAL_INTERVAL_SECONDS: '3600',
  EQUITY_INTERVAL_SECONDS: '86400',
  QUOTE_FRESHNESS_SECONDS: '3600',
  ARGON2_MEMORY_KIB: '8192',
  ARGON2_PASSES: '1',
  QUERY_DEPTH_LIMIT: '50',
  QUERY_TOKEN_LIMIT: '20000',
  QUERY_COST_LIMIT: '1000000',
  COST_BUDGET_ANONYMOUS: '1000000000',
  COST_BUDGET_USER: '1000000000',
  COST_BUDGET_ADMIN: '1000000000',
  LOG_IN_LIMIT_PER_ADDRESS: '1000000',
  SIGN_UP_LIMIT_PER_ADDRESS: '1000000',
  MAILED_LINK_LIMIT_PER_ADDRESS: '1000000',
};

/** Makes the program on a database. It is not started, and whoever asked for it stops it. */
export async function openGraph(
  database: Pick<TestDatabase, 'ownerUrl'>,
  { clock = systemClock, schema = buildSchema(), variables, serverUrl }: GraphOptions = {},
): Promise<Graph> {
  const settings = parseSettings({
    variables: {
      ...VARIABLES,
      ...{ DATABASE_URL: database.ownerUrl, AUDIT_ANCHOR_FILE: freshAnchorFile() },
      ...variables,
    },
    purpose: 'server',
    rootDirectory: process.cwd(),
    developmentSecret: () => VARIABLES.JWT_SECRET,
  });
  const { urls } = settings.database;
  if (!urls) throw new Error('The test database has no URL.');
  const config = configWith(settings, { ...urls, ...(serverUrl && { server: serverUrl }) });
  const logger = createSilentLogger();
  const app = await createApp({ config, clock, logger });
  const { yoga } = createGraphServer({ app, config, schema });

  return {
    app,
    config,
    schema,
    lines: logger.lines,
    async ask(query, token) {
      const response = await yoga.fetch('http://localhost/graphql', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query }),
      });
      // Not what it cost: what is left of a minute's budget differs from one answer to the next.
      const { data, errors } = (await response.json()) as Answer;
      return { ...(data !== undefined && { data }), ...(errors && { errors }) };
    },
    async logIn({ id, username: login, password }) {
      const { sessions } = app.services;
      const enter = (code?: string) =>
        sessions.logIn(anonymousViewer(), { login, password, ...(code !== undefined && { code }) });
      try {
        return (await enter()).accessToken;
      } catch (error) {
        if (!(error instanceof SecondFactorRequired) || id === undefined) throw error;
      }
      const { accessToken } = await enter(await addRecoveryCode(app, id));
      await forgetShownFactors(app, id);
      return accessToken;
    },
  };
}

/** A recovery code of a person's that is good. */
async function addRecoveryCode({ db, ids, clock }: App, ownerId: string): Promise<string> {
  const [code = ''] = newRecoveryCodes(randomBytes);
  const codeHash = hashRecoveryCode(code);
  if (!codeHash) throw new Error('This is no recovery code.');
  await db.withViewer(userViewer({ userId: ownerId, role: 'USER' }), (tx) =>
    tx.recoveryCode.create({ data: { id: ids.next(), ownerId, codeHash, createdAt: clock.now() } }),
  );
  return code;
}

async function forgetShownFactors({ db }: App, ownerId: string): Promise<void> {
  await db.withViewer(userViewer({ userId: ownerId, role: 'USER' }), (tx) =>
    tx.session.updateMany({ where: { ownerId }, data: { secondFactorAt: null } }),
  );
}
