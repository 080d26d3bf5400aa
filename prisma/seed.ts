import { randomBytes } from 'node:crypto';
import { createFoundation, type Foundation } from '../src/app/foundation.ts';
import { createOperators } from '../src/app/people.ts';
import type { OperatorUser } from '../src/services/accounts/operator-users.ts';
import { createModels } from '../src/services/agents/models.ts';
import {
  ensureSimulatedInstruments,
  SIMULATED_SYMBOLS,
} from '../src/services/market/simulated-instruments.ts';
import type { Config } from '../src/services/platform/config/config.ts';
import { Decimal } from '../src/services/platform/money.ts';
import type { UserRole } from '../src/services/platform/prisma/enums.ts';
import { systemViewer, userViewer } from '../src/services/platform/viewer.ts';

/** Someone of the demo. The password is known here alone, and to whoever reads it now. */
export interface DemoPerson {
  readonly username: string;
  readonly password: string;
}

export interface Demo {
  readonly people: readonly DemoPerson[];
  /** A token of the trader, for GraphiQL. */
  readonly accessToken: string;
  readonly modelId: string;
  readonly accountId: string;
}

const PASSWORD_BYTES = 12;
/** Reserved for what exists nowhere (RFC 2606), so that no mail ever reaches anyone. */
const EMAIL_DOMAIN = 'demo.tradegraph.invalid';
const STARTING_CASH = new Decimal(100_000);
/** The shortest there is: whoever looks wants to see something happen. */
const INTERVAL_SECONDS = 5;

/**
 * Fills a database in which nobody is but the demo itself: an administrator, a trader, the simulated
 * instruments, and a public model that trades them. Answers undefined where there is a model already
 * or a person who is not of the demo, and changes nothing there.
 */
export async function seedDemo(config: Config): Promise<Demo | undefined> {
  const foundation = await createFoundation({ config, isServing: false });
  try {
    if (!(await isForDemo(foundation))) return undefined;
    return await seed(foundation, config);
  } finally {
    await foundation.close();
  }
}

/** A seed that was cut off half way is taken up again, so its people do not count. */
function isForDemo({ workerDb }: Foundation): Promise<boolean> {
  return workerDb.snapshot(systemViewer(), async (tx) => {
    const strangers = { emailKey: { not: { endsWith: `@${EMAIL_DOMAIN}` } } };
    const [people, models] = [
      await tx.user.count({ where: strangers }),
      await tx.tradingModel.count(),
    ];
    return people === 0 && models === 0;
  });
}

async function seed(foundation: Foundation, config: Config): Promise<Demo> {
  const operators = createOperators({ ...foundation, config });
  const people = createPeople(foundation, operators);
  const administrator = await people('admin', 'ADMIN');
  const trader = await people('trader', 'USER');
  await ensureSimulatedInstruments(foundation);
  const model = await startModel(foundation, trader.user);
  const { accessToken } = await operators.issueToken(
    trader.user.id,
    config.auth.demoTokenLifetimeSeconds,
  );
  return {
    people: [administrator, trader].map(({ user, password }) => ({
      username: user.username,
      password,
    })),
    accessToken,
    ...model,
  };
}

function createPeople(
  { workerDb }: Foundation,
  operators: ReturnType<typeof createOperators>,
): (name: string, role: UserRole) => Promise<{ user: OperatorUser; password: string }> {
  return async (username, role) => {
    const known = await workerDb.snapshot(systemViewer(), (tx) =>
      tx.user.findUnique({ where: { usernameKey: username } }),
    );
    if (known) return { user: known, password: '(printed when it was made)' };
    const password = randomBytes(PASSWORD_BYTES).toString('base64url');
    const email = `${username}@${EMAIL_DOMAIN}`;
    const user = await operators.createUser({ username, email, password, role, status: 'ACTIVE' });
    return { user, password };
  };
}

async function startModel(
  foundation: Foundation,
  { id: userId, role }: OperatorUser,
): Promise<{ modelId: string; accountId: string }> {
  const models = createModels(foundation);
  const viewer = userViewer({ userId, role });
  const { id } = await models.create(viewer, {
    idempotencyKey: 'demo-create',
    name: 'Momentum demo',
    universe: SIMULATED_SYMBOLS,
    startingCash: STARTING_CASH,
    intervalSeconds: INTERVAL_SECONDS,
    visibility: 'PUBLIC',
    logVisibility: 'PUBLIC',
    prompt: '',
  });
  await models.start(viewer, { idempotencyKey: 'demo-start', id });
  const account = await foundation.workerDb.snapshot(systemViewer(), (tx) =>
    tx.account.findFirstOrThrow({ where: { modelId: id } }),
  );
  return { modelId: id, accountId: account.id };
}
