import {
  Kind,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLObjectType,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { encodeCursor } from '../services/platform/event-log/cursor.ts';

const AFTER = 'after';

/**
 * The operation as it is asked by a reader of server-sent events who comes again with the `Last-Event-ID`
 * that the browser kept: behind that event, whatever `after` its document has. A stream without `after`
 * begins anew, and so does one whose field is in a named fragment.
 */
export function resumedAfter(args: ExecutionArgs, lastEventId: string): ExecutionArgs {
  const root = args.schema.getSubscriptionType();
  return root ? { ...args, document: withAfter(args.document, root, lastEventId) } : args;
}

function withAfter(document: DocumentNode, root: GraphQLObjectType, cursor: string): DocumentNode {
  const inField = (node: SelectionNode): SelectionNode => {
    if (node.kind === Kind.INLINE_FRAGMENT)
      return { ...node, selectionSet: inSet(node.selectionSet) };
    if (node.kind !== Kind.FIELD) return node;
    const field = root.getFields()[node.name.value];
    if (!field?.args.some(({ name }) => name === AFTER)) return node;
    const others = node.arguments?.filter(({ name }) => name.value !== AFTER) ?? [];
    const after = {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: AFTER },
      value: { kind: Kind.STRING, value: cursor },
    } as const;
    return { ...node, arguments: [...others, after] };
  };
  const inSet = (set: SelectionSetNode): SelectionSetNode => ({
    ...set,
    selections: set.selections.map(inField),
  });
  const definitions = document.definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? { ...definition, selectionSet: inSet(definition.selectionSet) }
      : definition,
  );
  return { ...document, definitions };
}

/** A result with the `id:` of its event, where that has a cursor; other transports write none. */
export function withEventId(result: ExecutionResult, event: unknown): ExecutionResult {
  const cursor = event !== null && typeof event === 'object' && 'cursor' in event && event.cursor;
  if (typeof cursor !== 'bigint') return result;
  // Yoga writes what this returns behind `data: `; a line of its own is a field of its own.
  const stringify = (text: unknown) => `${JSON.stringify(text)}\nid: ${encodeCursor(cursor)}`;
  return Object.assign(result, { stringify });
}
