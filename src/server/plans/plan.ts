import {
  getOperationAST,
  getVariableValues,
  GraphQLError,
  OperationTypeNode,
  visit,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Context } from '../../schema/context.ts';
import { scopesOf } from '../../schema/scopes.ts';
import { soon, type Soon } from '../../services/platform/soon.ts';
import { fragmentsOf } from '../fragments.ts';
import type { Fill } from './completion.ts';
import { fieldsReadBy } from './fields-read.ts';
import { PlannedRun, Unplanned, type Asked, type Place } from './planned-run.ts';
import type { Sight } from './selected-fields.ts';
import { fillOf } from './selection.ts';

/**
 * Executes a query, or an event of a subscription, as it was planned for its document; undefined where
 * only ordinary execution knows the answer. That is so for mutations, for whatever is refused, fails or is
 * null where it may not be, and for the few things that plans do not know: then nothing was told, and it
 * may be executed as if this had not been.
 *
 * A plan does what graphql-js does for each field of each object anew, once for a document: which
 * fields are selected, how they resolve, who may read them, how their values are written.
 */
export function executePlan(args: ExecutionArgs): Planned {
  return planFor(args)?.(args.rootValue, args.contextValue as Context);
}

type Planned = Soon<ExecutionResult | undefined>;
/** What is planned for an operation with its variables, for as many root values as there are. */
export type OperationPlan = (rootValue: unknown, context: Context) => Planned;

/** For all events of a subscription; undefined as in {@link executePlan}. */
export function planFor(args: ExecutionArgs): OperationPlan | undefined {
  const operation = operationOf(args);
  if (!operation) return undefined;
  const variableValues = variablesOf(args, operation);
  if (!variableValues) return undefined;
  const { schema, document } = args;
  const { fragments, switches } = partsOf(document);
  const parts = { schema, operation, fragments, variableValues };
  const fill = planOf(parts, switches);
  if (!fill) return undefined;
  const isQuery = operation.operation === OperationTypeNode.QUERY;
  return (rootValue, context) => {
    if (isQuery) context.fieldsRead ??= fieldsReadBy(schema, document);
    const run = new PlannedRun(context, scopesOf(context), { ...parts, rootValue });
    const data: Place = {};
    try {
      fill(run, rootValue ?? {}, data, undefined);
    } catch (error) {
      run.fail(error);
    }
    return soon(run.finish(), (isWhole) => (isWhole ? { data } : undefined));
  };
}

function operationOf({
  document,
  operationName,
}: ExecutionArgs): OperationDefinitionNode | undefined {
  const operation = getOperationAST(document, operationName);
  return operation && operation.operation !== OperationTypeNode.MUTATION ? operation : undefined;
}

function variablesOf(
  { schema, variableValues }: ExecutionArgs,
  { variableDefinitions = [] }: OperationDefinitionNode,
): Asked['variableValues'] | undefined {
  if (variableDefinitions.length === 0) return {};
  return getVariableValues(schema, variableDefinitions, variableValues ?? {}, { maxErrors: 1 })
    .coerced;
}

/** What a document says once for all of its operations. */
interface Parts {
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Names of the variables that decide what is selected. */
  readonly switches: readonly string[];
}

const partsOfDocuments = new WeakMap<DocumentNode, Parts>();

function partsOf(document: DocumentNode): Parts {
  const known = partsOfDocuments.get(document);
  if (known) return known;
  const names = new Set<string>();
  visit(document, {
    Directive(node) {
      visit(node, { Variable: ({ name }) => void names.add(name.value) });
    },
  });
  const parts = { fragments: Object.fromEntries(fragmentsOf(document)), switches: [...names] };
  partsOfDocuments.set(document, parts);
  return parts;
}

/** For each operation, by the values of the variables that decide what is selected. */
type Plans = WeakMap<OperationDefinitionNode, Map<string, Fill | null>>;
const plansOfSchemas = new WeakMap<GraphQLSchema, Plans>();
/** An operation with many switches would have a plan for each way to set them. */
const PLANS_OF_OPERATION_MAX = 8;

/** Null for an operation that cannot be planned. */
function planOf(asked: Omit<Asked, 'rootValue'>, switches: readonly string[]): Fill | null {
  const { schema, operation, variableValues } = asked;
  const plans: Plans = plansOfSchemas.get(schema) ?? new WeakMap();
  plansOfSchemas.set(schema, plans);
  const known = plans.get(operation) ?? new Map<string, Fill | null>();
  plans.set(operation, known);
  const set = Object.fromEntries(switches.map((name) => [name, variableValues[name]]));
  const key = switches.length === 0 ? '' : JSON.stringify(set);
  const earlier = known.get(key);
  if (earlier !== undefined) return earlier;
  if (known.size >= PLANS_OF_OPERATION_MAX) return null;
  // It is kept for other requests, and holds nothing else of this one.
  const plan = makePlan({ schema, operation, fragments: asked.fragments, variableValues: set });
  known.set(key, plan);
  return plan;
}

function makePlan({ operation, ...sight }: Sight & Pick<Asked, 'operation'>): Fill | null {
  const root = sight.schema.getRootType(operation.operation);
  if (!root) return null;
  try {
    return fillOf(sight, root, [operation.selectionSet]);
  } catch (error) {
    if (error instanceof Unplanned || error instanceof GraphQLError) return null;
    throw error;
  }
}
