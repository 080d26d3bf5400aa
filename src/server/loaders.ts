import DataLoader from 'dataloader';
import type { Entities, Loaders, NestedRequest, NestedRows } from '../schema/context.ts';
import { may } from '../services/accounts/capabilities.ts';
import type { Database, Tx } from '../services/platform/database.ts';
import {
  countNested,
  readNestedPages,
  type Condition,
} from '../services/platform/nested-connection.ts';
import { isOnPaper, ownedBy } from '../services/platform/owner-filter.ts';
import type { Page } from '../services/platform/page.ts';
import type { Account, Order } from '../services/platform/prisma/client.ts';
import type { Viewer } from '../services/platform/viewer.ts';
import type { AccountDay } from '../services/portfolio/account-days.ts';
import type { AccountFiguresReader } from '../services/portfolio/account-figures.ts';
import type { Statements } from '../services/portfolio/statements.ts';
import type { PositionMark, Valuation } from '../services/portfolio/valuation.ts';
import { readTimelines, type OrderStep } from '../services/trading/order-timeline.ts';
import { NESTED_LISTS } from './nested-lists.ts';

type Reader<Row> = (tx: Tx, ids: string[]) => Promise<readonly Row[]>;
interface Entity<Row> {
  readonly read: Reader<Row>;
  readonly idOf: (row: Row) => string;
}

function byId<Row extends { readonly id: string }>(read: Reader<Row>): Entity<Row> {
  return { read, idOf: ({ id }) => id };
}

const ENTITIES: { readonly [Name in keyof Entities]: Entity<Entities[Name]> } = {
  account: byId((tx, ids) => tx.account.findMany({ where: { id: { in: ids } } })),
  instrument: byId((tx, ids) => tx.instrument.findMany({ where: { id: { in: ids } } })),
  killSwitchOfAccount: {
    read: (tx, ids) => tx.killSwitch.findMany({ where: { accountId: { in: ids } } }),
    idOf: ({ accountId }) => accountId ?? '',
  },
  killSwitchOfUser: {
    read: (tx, ids) => tx.killSwitch.findMany({ where: { scope: 'USER', ownerId: { in: ids } } }),
    idOf: ({ ownerId }) => ownerId ?? '',
  },
  brokerConnection: {
    read: (tx, ids) => tx.brokerConnection.findMany({ where: { accountId: { in: ids } } }),
    idOf: ({ accountId }) => accountId,
  },
  limitsOfAccount: {
    read: (tx, ids) => tx.riskLimits.findMany({ where: { accountId: { in: ids } } }),
    idOf: ({ accountId }) => accountId ?? '',
  },
  limitsOfDeployment: {
    read: (tx) => tx.riskLimits.findMany({ where: { scope: 'DEPLOYMENT' } }),
    idOf: ({ scope }) => scope,
  },
  limitsOfUser: {
    read: (tx, ids) => tx.riskLimits.findMany({ where: { scope: 'USER', ownerId: { in: ids } } }),
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

/** What belongs to an account is asked for beneath it, and so needs no condition of its own. */
const ON_PAPER: Condition = { field: 'kind', isText: 'PAPER' };

interface LoaderPorts {
  readonly db: Database;
  readonly valuation: Pick<Valuation, 'marks'>;
  readonly accountFigures: AccountFiguresReader;
  readonly statements: Pick<Statements, 'summaries'>;
}

/** The reads of one request. Those of one level of a query go to the database as one statement. */
export function createLoaders(ports: LoaderPorts, viewer: Viewer): Loaders {
  const { db, valuation, accountFigures, statements } = ports;
  let loaders = new Map<string, DataLoader<string, unknown>>();

  /** The loader of that name; `read` answers for each key, and null for those that it leaves out. */
  const load = async <Value>(
    name: string,
    key: string,
    read: (keys: string[]) => Promise<ReadonlyMap<string, Value>>,
  ): Promise<Value | null> => {
    let loader = loaders.get(name);
    if (!loader) {
      loader = new DataLoader<string, unknown>(async (keys) => {
        const found = await read([...keys]);
        return keys.map((wanted) => found.get(wanted) ?? null);
      });
      loaders.set(name, loader);
    }
    return (await loader.load(key)) as Value | null;
  };

  return {
    byId: <Name extends keyof Entities>(name: Name, id: string) => {
      const { read, idOf } = ENTITIES[name];
      return load<Entities[Name]>(name, id, async (ids) => {
        const rows = await db.snapshot(viewer, (tx) => read(tx, ids));
        return new Map(rows.map((row) => [idOf(row), row]));
      });
    },

    async page<Name extends keyof NestedRows>(
      name: Name,
      {
        parentId,
        page,
        conditions = [],
      }: NestedRequest & { page: Parameters<Loaders['page']>[1]['page'] },
    ) {
      const request = {
        list: NESTED_LISTS[name],
        page,
        conditions: [...conditions, ...wallOf(viewer, name)],
      };
      const key = `page ${name} ${JSON.stringify([page, conditions])}`;
      const found = await load<Page<NestedRows[Name]>>(key, parentId, (parentIds) =>
        db.snapshot(viewer, (tx) => readNestedPages(tx, { ...request, parentIds })),
      );
      return found ?? { rows: [], hasMore: false };
    },

    async count(name, { parentId, conditions = [] }) {
      const request = {
        list: NESTED_LISTS[name],
        conditions: [...conditions, ...wallOf(viewer, name)],
      };
      const key = `count ${name} ${JSON.stringify(conditions)}`;
      const found = await load<number>(key, parentId, (parentIds) =>
        db.snapshot(viewer, (tx) => countNested(tx, { ...request, parentIds })),
      );
      return found ?? 0;
    },

    async orderGroup(groupId) {
      const orders = await load<Order[]>('orderGroup', groupId, async (groupIds) => {
        const where = { groupId: { in: groupIds }, replacedById: null };
        const orderBy = [{ createdAt: 'asc' }, { id: 'asc' }] as const;
        const rows = await db.snapshot(viewer, (tx) =>
          tx.order.findMany({ where, orderBy: [...orderBy] }),
        );
        return Map.groupBy(rows, (row) => row.groupId ?? '');
      });
      return orders ?? [];
    },

    async timeline(orderId) {
      const steps = await load<OrderStep[]>('timeline', orderId, (orderIds) =>
        db.snapshot(viewer, (tx) => readTimelines(tx, orderIds)),
      );
      return steps ?? [];
    },

    mark: (instrumentId, asOf) =>
      load<PositionMark>(`mark ${asOf?.toISOString() ?? 'now'}`, instrumentId, (ids) =>
        valuation.marks(viewer, ids, asOf ?? undefined),
      ),

    figures: (accountId) =>
      load('figures', accountId, (ids) => accountFigures.figures(viewer, ids)),

    totals: (accountId) => load('totals', accountId, (ids) => accountFigures.totals(viewer, ids)),

    day: ({ id, zone }) =>
      load<AccountDay>('day', JSON.stringify({ id, zone }), async (keys) => {
        const accounts = keys.map((key) => JSON.parse(key) as Pick<Account, 'id' | 'zone'>);
        const days = await accountFigures.days(viewer, accounts);
        return new Map(
          keys.flatMap((key, index) => {
            const day = days.get(accounts[index]?.id ?? '');
            return day ? [[key, day]] : [];
          }),
        );
      }),

    statement: (accountId, { from, to }) =>
      load(`statement ${from.toISOString()} ${to.toISOString()}`, accountId, (ids) =>
        statements.summaries(viewer, ids, { from, to }),
      ),

    clear() {
      loaders = new Map();
    },
  };
}

function ownerConditions(viewer: Viewer): Condition[] {
  return Object.values(ownedBy(viewer)).map((ownerId) => ({ field: 'ownerId', isText: ownerId }));
}

function wallOf(viewer: Viewer, name: keyof NestedRows): readonly Condition[] {
  const { isPrivate, table } = NESTED_LISTS[name];
  if (!isPrivate) return [];
  return [
    ...(may(viewer, 'READ_EVERYONE') ? [] : ownerConditions(viewer)),
    ...(isOnPaper(viewer) && table === 'accounts' ? [ON_PAPER] : []),
  ];
}
