import {
  getNamedType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isObjectType,
  Kind,
  OperationTypeNode,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './fragments.ts';

/** A subscription whose results are the same for all who may read them. */
export interface SharedPlan {
  /** The same for documents that ask for the same. */
  readonly text: string;
  /** The variables that a result depends on: all but those that only choose the events. */
  readonly variables: readonly string[];
}

const plans = new WeakMap<DocumentNode, Map<string, SharedPlan | null>>();

/**
 * The plan of a subscription of which every selected field carries the flag `shared` (see
 * schema/shared.ts), on every type that may stand there; null for all others, which everyone executes
 * for themselves. Looked at once a document, which must be valid.
 */
export function sharedPlanOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): SharedPlan | null {
  const name = operationName ?? '';
  const known = plans.get(document) ?? new Map<string, SharedPlan | null>();
  plans.set(document, known);
  const earlier = known.get(name);
  if (earlier !== undefined) return earlier;
  const plan = makePlan(schema, document, operationName);
  known.set(name, plan);
  return plan;
}

function makePlan(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): SharedPlan | null {
  const operation = getOperationAST(document, operationName);
  const root = schema.getSubscriptionType();
  if (operation?.operation !== OperationTypeNode.SUBSCRIPTION || !root) return null;
  const fragments = fragmentsOf(document);
  if (!isShared({ schema, fragments }, operation.selectionSet, root)) return null;
  const bare = withoutRootArguments(schema, document);
  return { text: `${operationName ?? ''}\n${print(bare)}`, variables: variablesOf(bare) };
}

interface Sight {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** Whether whatever the selections may find on a value of that type is shared. */
function isShared(sight: Sight, { selections }: SelectionSetNode, type: GraphQLNamedType): boolean {
  return selections.every((selection) => isSelectionShared(sight, selection, type));
}

function isSelectionShared(sight: Sight, node: SelectionNode, type: GraphQLNamedType): boolean {
  if (node.kind === Kind.FIELD) return isFieldShared(sight, node, type);
  const part = node.kind === Kind.FRAGMENT_SPREAD ? sight.fragments.get(node.name.value) : node;
  if (!part) return false;
  const condition = part.typeCondition?.name.value;
  const partType = condition === undefined ? type : sight.schema.getType(condition);
  return partType !== undefined && isShared(sight, part.selectionSet, partType);
}

function isFieldShared(sight: Sight, node: FieldNode, type: GraphQLNamedType): boolean {
  // The name of its type is all that it tells of an object.
  if (node.name.value === '__typename') return true;
  if (!isCompositeType(type)) return false;
  const objects = isAbstractType(type) ? sight.schema.getPossibleTypes(type) : [type];
  return objects.every((object) => {
    const field = isObjectType(object) ? object.getFields()[node.name.value] : undefined;
    if (field?.extensions['shared'] !== true) return false;
    const inner = getNamedType(field.type);
    if (isLeafType(inner)) return true;
    // Which type an interface or a union is of, is decided by code that carries no flag.
    if (!isObjectType(inner) || !node.selectionSet) return false;
    return isShared(sight, node.selectionSet, inner);
  });
}

/** Without what only chooses the events: those come to each reader by themselves. */
function withoutRootArguments(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const types = new TypeInfo(schema);
  const root = schema.getSubscriptionType();
  return visit(
    document,
    visitWithTypeInfo(types, {
      Field: (node) => (types.getParentType() === root ? { ...node, arguments: [] } : undefined),
    }),
  );
}

function variablesOf(document: DocumentNode): string[] {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void used.add(name.value),
  });
  return [...used].sort();
}
