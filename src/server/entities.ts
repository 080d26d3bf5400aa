import type { Entities } from '../schema/context.ts';
import type { Tx } from '../services/platform/database.ts';

type Reader<Row> = (tx: Tx, ids: string[]) => Promise<readonly Row[]>;
interface Entity<Row> {
  readonly read: Reader<Row>;
  readonly idOf: (row: Row) => string;
}

function byId<Row extends { readonly id: string }>(read: Reader<Row>): Entity<Row> {
  return { read, idOf: ({ id }) => id };
}

/** Limits and switches of accounts and of people, which owners and administrators have one each of. */
const ofAccounts = (ids: string[], isByAdministrator: boolean) => ({
  accountId: { in: ids },
  isByAdministrator,
});
const ofUsers = (ids: string[], isByAdministrator: boolean) => ({
  scope: 'USER' as const,
  ownerId: { in: ids },
  isByAdministrator,
});

/** How what has an id of its own is read by it: for as many ids as a level of a query asks for. */
export const ENTITIES: { readonly [Name in keyof Entities]: Entity<Entities[Name]> } = {
  account: byId((tx, ids) => tx.account.findMany({ where: { id: { in: ids } } })),
  instrument: byId((tx, ids) => tx.instrument.findMany({ where: { id: { in: ids } } })),
  killSwitchOfAccount: {
    read: (tx, ids) => tx.killSwitch.findMany({ where: ofAccounts(ids, false) }),
    idOf: ({ accountId }) => accountId ?? '',
  },
  killSwitchOfUser: {
    read: (tx, ids) => tx.killSwitch.findMany({ where: ofUsers(ids, false) }),
    idOf: ({ ownerId }) => ownerId ?? '',
  },
  adminKillSwitchOfAccount: {
    read: (tx, ids) => tx.killSwitch.findMany({ where: ofAccounts(ids, true) }),
    idOf: ({ accountId }) => accountId ?? '',
  },
  adminKillSwitchOfUser: {
    read: (tx, ids) => tx.killSwitch.findMany({ where: ofUsers(ids, true) }),
    idOf: ({ ownerId }) => ownerId ?? '',
  },
  adminLimitsOfAccount: {
    read: (tx, ids) => tx.riskLimits.findMany({ where: ofAccounts(ids, true) }),
    idOf: ({ accountId }) => accountId ?? '',
  },
  adminLimitsOfUser: {
    read: (tx, ids) => tx.riskLimits.findMany({ where: ofUsers(ids, true) }),
    idOf: ({ ownerId }) => ownerId ?? '',
  },
  brokerConnection: {
    read: (tx, ids) => tx.brokerConnection.findMany({ where: { accountId: { in: ids } } }),
    idOf: ({ accountId }) => accountId,
  },
  limitsOfAccount: {
    read: (tx, ids) => tx.riskLimits.findMany({ where: ofAccounts(ids, false) }),
    idOf: ({ accountId }) => accountId ?? '',
  },
  limitsOfDeployment: {
    read: (tx) => tx.riskLimits.findMany({ where: { scope: 'DEPLOYMENT' } }),
    idOf: ({ scope }) => scope,
  },
  limitsOfUser: {
    read: (tx, ids) => tx.riskLimits.findMany({ where: ofUsers(ids, false) }),
    idOf: ({ ownerId }) => ownerId ?? '',
  },
  model: byId((tx, ids) => tx.tradingModel.findMany({ where: { id: { in: ids } } })),
  modelSecrets: {
    read: (tx, ids) => tx.modelSecrets.findMany({ where: { modelId: { in: ids } } }),
    idOf: ({ modelId }) => modelId,
  },
  order: byId((tx, ids) => tx.order.findMany({ where: { id: { in: ids } } })),
  trade: byId((tx, ids) => tx.trade.findMany({ where: { id: { in: ids } } })),
  user: byId((tx, ids) => tx.user.findMany({ where: { id: { in: ids } } })),
};
