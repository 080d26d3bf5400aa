import type { Entities } from '../schema/context.ts';
import { columnsOf } from '../services/platform/model-columns.ts';
import type { Prisma } from '../services/platform/prisma/client.ts';
import type { Query } from '../services/platform/query.ts';

interface Entity<Row extends object> {
  readonly query: (ids: readonly string[]) => Query<Row>;
  readonly idOf: (row: Row) => string;
}

/** Rows of a table that a condition on `$1`, the ids, holds for. */
function rowsOf<Row extends object>(
  [model, table]: readonly [model: Prisma.ModelName, table: string],
  condition: string,
  idOf: (row: Row) => string,
): Entity<Row> {
  const text = `SELECT ${columnsOf(model)} FROM ${table} WHERE ${condition}`;
  return { query: (ids) => ({ text, values: [ids] }), idOf };
}

const byId = <Row extends { readonly id: string }>(model: Prisma.ModelName, table: string) =>
  rowsOf<Row>([model, table], 'id = ANY($1::uuid[])', ({ id }) => id);

/** Limits and switches of accounts and of people, which owners and administrators have one each of. */
const SWITCHES = ['KillSwitch', 'kill_switches'] as const;
const LIMITS = ['RiskLimits', 'risk_limits'] as const;

interface OfTarget {
  readonly accountId: string | null;
  readonly ownerId: string | null;
}

const ofAccounts = <Row extends OfTarget>(
  table: typeof SWITCHES | typeof LIMITS,
  isByAdministrator: boolean,
) =>
  rowsOf<Row>(
    table,
    `account_id = ANY($1::uuid[]) AND is_by_administrator = ${String(isByAdministrator)}`,
    ({ accountId }) => accountId ?? '',
  );

const ofUsers = <Row extends OfTarget>(
  table: typeof SWITCHES | typeof LIMITS,
  isByAdministrator: boolean,
) =>
  rowsOf<Row>(
    table,
    `scope = 'USER' AND owner_id = ANY($1::uuid[])
      AND is_by_administrator = ${String(isByAdministrator)}`,
    ({ ownerId }) => ownerId ?? '',
  );

/** How what has an id of its own is read by it: for as many ids as a level of a query asks for. */
export const ENTITIES: { readonly [Name in keyof Entities]: Entity<Entities[Name]> } = {
  account: byId('Account', 'accounts'),
  instrument: byId('Instrument', 'instruments'),
  killSwitchOfAccount: ofAccounts(SWITCHES, false),
  killSwitchOfUser: ofUsers(SWITCHES, false),
  adminKillSwitchOfAccount: ofAccounts(SWITCHES, true),
  adminKillSwitchOfUser: ofUsers(SWITCHES, true),
  adminLimitsOfAccount: ofAccounts(LIMITS, true),
  adminLimitsOfUser: ofUsers(LIMITS, true),
  brokerConnection: rowsOf(
    ['BrokerConnection', 'broker_connections'],
    'account_id = ANY($1::uuid[])',
    ({ accountId }) => accountId,
  ),
  limitsOfAccount: ofAccounts(LIMITS, false),
  // One row for all, by the name of its scope.
  limitsOfDeployment: rowsOf(
    LIMITS,
    "scope = 'DEPLOYMENT' AND scope::text = ANY($1::text[])",
    ({ scope }) => scope,
  ),
  limitsOfUser: ofUsers(LIMITS, false),
  model: byId('TradingModel', 'models'),
  modelSecrets: rowsOf(
    ['ModelSecrets', 'model_secrets'],
    'model_id = ANY($1::uuid[])',
    ({ modelId }) => modelId,
  ),
  order: byId('Order', 'orders'),
  trade: byId('Trade', 'trades'),
  user: byId('User', 'users'),
};
