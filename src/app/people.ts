import { createApiKeyAccess, findKeyIn } from '../services/accounts/api-key-access.ts';
import { createApiKeyRate } from '../services/accounts/api-key-rate.ts';
import type { ApiKeyUses } from '../services/accounts/api-key-uses.ts';
import { createApiKeys } from '../services/accounts/api-keys.ts';
import { createCostBudget } from '../services/accounts/cost-budget.ts';
import { createEntryLimits } from '../services/accounts/entry-limits.ts';
import { createFactorLimits } from '../services/accounts/factor-limits.ts';
import { createOperatorAccounts } from '../services/accounts/operator-accounts.ts';
import { createOwnSessions } from '../services/accounts/own-sessions.ts';
import { createPasswords } from '../services/accounts/passwords.ts';
import { createRecentRows } from '../services/accounts/recent-rows.ts';
import { createFindSession } from '../services/accounts/session-rows.ts';
import { createSessions } from '../services/accounts/sessions.ts';
import { createTokens } from '../services/accounts/tokens.ts';
import { createUserAdministration } from '../services/accounts/user-administration.ts';
import { createUserCreation } from '../services/accounts/user-creation.ts';
import { createUserDeletion } from '../services/accounts/user-deletion.ts';
import { createUserRecords } from '../services/accounts/user-records.ts';
import { createUserDirectory } from '../services/accounts/user-directory.ts';
import type { Config } from '../services/platform/config/config.ts';
import { randomBytes } from '../services/platform/random.ts';
import { createEntrance } from './entrance.ts';
import { createFactors } from './factors.ts';
import type { Foundation } from './foundation.ts';

type OperatorPorts = Pick<Foundation, 'workerDb' | 'clock' | 'ids' | 'audit'> & {
  readonly config: Config;
};
type PeoplePorts = OperatorPorts &
  Pick<Foundation, 'db' | 'bus' | 'mails' | 'timers' | 'rateLimits' | 'sealing' | 'logger'> & {
    readonly apiKeyUses: ApiKeyUses;
  };

/** Sign-up and log-in. */
export function createPeople(given: PeoplePorts) {
  const recent = createRecentRows(given);
  const ports = { ...given, db: recent.forgottenBy(given.db) };
  const {
    db,
    clock,
    ids,
    audit,
    mails,
    timers,
    rateLimits,
    sealing,
    logger: log,
    apiKeyUses: uses,
    config: { auth, limits },
  } = ports;
  const entryLimits = createEntryLimits({ rateLimits, timers, config: limits.entry });
  const passwords = createPasswords({ cost: auth.argon2 });
  const tokens = createTokens({ keys: auth.jwtKeys, clock });
  const lifetimes = {
    accessTokenSeconds: auth.accessTokenLifetimeSeconds,
    refreshTokenSeconds: auth.refreshTokenLifetimeSeconds,
  };
  const factorLimits = createFactorLimits(rateLimits);
  const common = { db, clock, ids, audit, passwords, entryLimits };
  const entering = { passwords, entryLimits, factorLimits, tokens, lifetimes };
  return {
    ...createEntrance({ ...ports, passwords, entryLimits }),
    ...createFactors({ ...ports, ...entering }),
    apiKeyAccess: createApiKeyAccess({
      ...{ db, clock, audit, log, rateLimits, uses },
      findKey: recent.remember(findKeyIn(db)),
    }),
    apiKeyRate: createApiKeyRate({ rateLimits }),
    apiKeys: createApiKeys({ db, clock, ids, audit, mails, randomBytes }),
    costBudget: createCostBudget({ rateLimits, clock, config: limits.costBudget }),
    userAdministration: createUserAdministration({ db, clock, audit, mails }),
    userCreation: createUserCreation({ ...common, mails, randomBytes }),
    userDeletion: createUserDeletion({ db, clock, audit }),
    userRecords: createUserRecords({ db, clock, audit }),
    userDirectory: createUserDirectory({ db }),
    ownSessions: createOwnSessions({ db, clock, audit }),
    sessions: createSessions({
      ...{ ...common, ...entering, mails, sealing, randomBytes },
      findSession: recent.remember(createFindSession(db)),
    }),
  };
}

/** What operators may do to people, past sign-up and its rules. */
export function createOperators({ workerDb, clock, ids, audit, config: { auth } }: OperatorPorts) {
  return createOperatorAccounts({
    ...{ workerDb, clock, ids, audit },
    passwords: createPasswords({ cost: auth.argon2 }),
    tokens: createTokens({ keys: auth.jwtKeys, clock }),
  });
}
