import { z } from 'zod';
import type { Context } from './context.ts';
import { decodeGlobalId, encodeGlobalId } from './global-ids.ts';
import { loadNode, type ParsedId } from './nodes.ts';

/** How many ids `nodes` takes. */
const NODES_MAX = 100;
/** The page already pays for its rows; see `pageCost`. */
const PAID_BY_THE_PAGE = { field: 1, multiplier: 1 };

/** Connections, edges, page info and global ids: their form is Relay's, the words are ours. */
export const RELAY_OPTIONS = {
  clientMutationId: 'omit' as const,
  cursorType: 'String' as const,
  encodeGlobalID: encodeGlobalId,
  decodeGlobalID: decodeGlobalId,
  nodeTypeOptions: { description: 'Anything that has a global id.' },
  idFieldOptions: { description: 'Global id: opaque, and unique over all types.' },
  nodeQueryOptions: {
    description:
      'The object with a global id. Null when there is none, or none that you may see: the answer ' +
      'is the same.',
    args: { id: { description: 'A global id that the graph gave.' } },
    resolve: async (
      _root: object,
      { id }: { readonly id: ParsedId },
      context: Context,
      _info: unknown,
      resolveNode: (id: ParsedId) => unknown,
    ) => (await (loadNode(context, id) ?? resolveNode(id))) ?? null,
  },
  nodesQueryOptions: {
    description:
      'The objects with these global ids, in their order, and null in the place of each that does ' +
      `not exist or that you may not see. At most ${NODES_MAX} ids.`,
    args: {
      ids: {
        description: `Global ids that the graph gave, at most ${NODES_MAX}.`,
        validate: z.array(z.string()).max(NODES_MAX),
      },
    },
    complexity: ({ ids }: { ids?: unknown }) => ({
      field: 1,
      multiplier: Array.isArray(ids) ? Math.min(ids.length, NODES_MAX) : NODES_MAX,
    }),
  },
  pageInfoTypeOptions: { description: 'Where a page of a list begins and ends.' },
  pageInfoFieldOptions: { description: 'Where this page begins and ends.' },
  hasNextPageFieldOptions: { description: 'Whether there are more behind this page.' },
  hasPreviousPageFieldOptions: { description: 'Whether there are more before this page.' },
  startCursorFieldOptions: {
    description: 'Give it as `before` for the page before this one. Null for an empty page.',
  },
  endCursorFieldOptions: {
    description: 'Give it as `after` for the page behind this one. Null for an empty page.',
  },
  edgesFieldOptions: {
    description: 'The entries of this page, each with its cursor.',
    nullable: false as const,
    complexity: PAID_BY_THE_PAGE,
  },
  nodesOnConnection: {
    description: 'The entries of this page, without their cursors.',
    complexity: PAID_BY_THE_PAGE,
  },
  nodeFieldOptions: { description: 'The entry itself.', nullable: false as const },
  cursorFieldOptions: { description: 'The place of the entry in its list. Opaque.' },
  firstArgOptions: { description: 'How many, counted from the beginning of the list.' },
  lastArgOptions: { description: 'How many, counted from the end of the list. Not with `first`.' },
  afterArgOptions: { description: 'Only what comes behind this cursor of the same list.' },
  beforeArgOptions: { description: 'Only what comes before this cursor of the same list.' },
};
