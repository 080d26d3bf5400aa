import type { Entities, Loaders, NestedRequest, NestedRows } from '../schema/context.ts';
import { may } from '../services/accounts/capabilities.ts';
import type { KnownInstruments } from '../services/market/known-instruments.ts';
import type { Database } from '../services/platform/database.ts';
import type { Condition } from '../services/platform/list-conditions.ts';
import { countNested, readNestedPages } from '../services/platform/nested-connection.ts';
import { isOnPaper, ownedBy } from '../services/platform/owner-filter.ts';
import type { Instrument } from '../services/platform/prisma/client.ts';
import type { Page, PageRequest } from '../services/platform/page.ts';
import type { Viewer } from '../services/platform/viewer.ts';
import { createAccountLoaders, type AccountLoadersPorts } from './account-loaders.ts';
import { ENTITIES } from './entities.ts';
import { NESTED_LISTS } from './nested-lists.ts';
import { createOrderLoaders } from './order-loaders.ts';
import { createRequestBatches } from './request-batches.ts';

/** What belongs to an account is asked for beneath it, and so needs no condition of its own. */
const ON_PAPER: Condition = { field: 'kind', isText: 'PAPER' };

interface LoaderPorts extends AccountLoadersPorts {
  readonly db: Database;
  readonly knownInstruments: KnownInstruments;
}

/** The reads of one request. Those of one level of a query go to the database as one statement. */
export function createLoaders(ports: LoaderPorts, viewer: Viewer): Loaders {
  const { db, knownInstruments } = ports;
  const batches = createRequestBatches();
  const { load, clear } = batches;

  return {
    instrument: (id) =>
      knownInstruments.byId(id) ??
      load<Instrument>('known instrument', id, async (ids) => {
        const { query, idOf } = ENTITIES.instrument;
        const rows = await knownInstruments.byIds(ids, (missing) =>
          db.read(viewer, (ask) => ask(query(missing))),
        );
        return new Map(rows.map((row) => [idOf(row), row]));
      }),

    byId: <Name extends keyof Entities>(name: Name, id: string) => {
      const { query, idOf } = ENTITIES[name];
      return load<Entities[Name]>(name, id, async (ids) => {
        const rows = await db.read(viewer, (ask) => ask(query(ids)));
        return new Map(rows.map((row) => [idOf(row), row]));
      });
    },

    page<Name extends keyof NestedRows>(
      name: Name,
      { parentId, page, conditions = [] }: NestedRequest & { readonly page: PageRequest },
    ) {
      const key = `page ${name} ${placeOf(page, conditions)}`;
      return load<Page<NestedRows[Name]>>(key, parentId, (parentIds) => {
        const narrowed = { conditions: [...conditions, ...wallOf(viewer, name)], parentIds };
        const request = { list: NESTED_LISTS[name], page, ...narrowed };
        return db.read(viewer, (ask) => readNestedPages<NestedRows[Name]>(ask, request));
      });
    },

    async count(name, { parentId, conditions = [] }) {
      const key = `count ${name} ${JSON.stringify(conditions)}`;
      const found = await load<number>(key, parentId, (parentIds) => {
        const narrowed = { conditions: [...conditions, ...wallOf(viewer, name)], parentIds };
        return db.read(viewer, (ask) =>
          countNested(ask, { list: NESTED_LISTS[name], ...narrowed }),
        );
      });
      return found ?? 0;
    },

    ...createOrderLoaders(batches, db, viewer),
    ...createAccountLoaders(batches, ports, viewer),
    clear,
  };
}

/** What tells lists of one kind apart. Most begin at their beginning, and have a short name for it. */
function placeOf(page: PageRequest, conditions: readonly Condition[]): string {
  const { limit, isBackward, after, before } = page;
  const isWhole = conditions.length === 0 && !after && !before;
  return isWhole ? `${String(limit)} ${String(isBackward)}` : JSON.stringify([page, conditions]);
}

function ownerConditions(viewer: Viewer): Condition[] {
  return Object.values(ownedBy(viewer)).map((ownerId) => ({ field: 'ownerId', isId: ownerId }));
}

function wallOf(viewer: Viewer, name: keyof NestedRows): readonly Condition[] {
  const { isPrivate, table } = NESTED_LISTS[name];
  if (!isPrivate) return [];
  return [
    ...(may(viewer, 'READ_EVERYONE') ? [] : ownerConditions(viewer)),
    ...(isOnPaper(viewer) && table === 'accounts' ? [ON_PAPER] : []),
  ];
}
