import {
  getArgumentValues,
  getNamedType,
  GraphQLError,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './fragments.ts';

interface Price {
  readonly field?: number;
  /** How often what is selected beneath the field is paid. */
  readonly multiplier?: number;
}
type Pricing = number | Price | ((args: Record<string, unknown>) => number | Price);

const FIELD_COST = 1;
const LIST_MULTIPLIER = 10;

export interface CostRequest {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * The cost of an operation: each field once, and what lies beneath a list as often as entries are
 * asked for. Fields say their prices through Pothos' complexity plugin. (Its own sum would read the
 * arguments as resolvers do, and a refusal of one would then have no path.)
 */
export function costOf({ schema, document, operation, variables }: CostRequest): number {
  const fragments = fragmentsOf(document);
  /** A fragment that is spread a thousand times is summed once. */
  const known = new Map<SelectionSetNode, Map<GraphQLNamedType, number>>();

  const sumOf = (selections: SelectionSetNode, type: GraphQLNamedType): number => {
    const earlier = known.get(selections)?.get(type);
    if (earlier !== undefined) return earlier;
    let sum = 0;
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FIELD) {
        sum += fieldCost(selection, type);
        continue;
      }
      const part =
        selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      const condition = part?.typeCondition?.name.value;
      const partType = condition === undefined ? type : schema.getType(condition);
      if (part && partType) sum += sumOf(part.selectionSet, partType);
    }
    const sums = known.get(selections) ?? new Map<GraphQLNamedType, number>();
    known.set(selections, sums.set(type, sum));
    return sum;
  };

  const fieldCost = (node: FieldNode, type: GraphQLNamedType): number => {
    const field = fieldsOf(type)[node.name.value];
    if (!field) return FIELD_COST;
    const { field: own = FIELD_COST, multiplier } = priceOf(field, node, variables);
    if (!node.selectionSet) return own;
    return own + multiplier * sumOf(node.selectionSet, getNamedType(field.type));
  };

  const root = schema.getRootType(operation.operation);
  if (!root) throw new GraphQLError(`There are no ${operation.operation}s here.`);
  return sumOf(operation.selectionSet, root);
}

function fieldsOf(type: GraphQLNamedType): Record<string, GraphQLField<unknown, unknown>> {
  return isObjectType(type) || (isAbstractType(type) && 'getFields' in type)
    ? type.getFields()
    : {};
}

function priceOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Readonly<Record<string, unknown>>,
): { field?: number | undefined; multiplier: number } {
  const pricing = field.extensions['complexity'] as Pricing | undefined;
  const price =
    typeof pricing === 'function' ? pricing(getArgumentValues(field, node, variables)) : pricing;
  const given: Price = typeof price === 'number' ? { field: price } : (price ?? {});
  return {
    field: given.field,
    multiplier: given.multiplier ?? (isList(field.type) ? LIST_MULTIPLIER : 1),
  };
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
