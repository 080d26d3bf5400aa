import {
  getNamedType,
  getOperationAST,
  isLeafType,
  isObjectType,
  Kind,
  OperationTypeNode,
  print,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './fragments.ts';
import { PUBLIC_FIELDS, PUBLIC_ROOTS, type PublicRoot } from '../schema/public-reads.ts';

/** A query whose answer is the same for all who may have it. */
export interface PublicPlan extends PublicRoot {
  /** The same for documents that ask for the same. */
  readonly text: string;
  /** Names of its variables. */
  readonly variables: readonly string[];
}

const plans = new WeakMap<OperationDefinitionNode, PublicPlan | null>();

/**
 * The plan of a query that selects nothing but what schema/public-reads.ts lists, whatever its fragments
 * and directives; null for all others. Looked at once an operation, which must be valid.
 */
export function publicPlanOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): PublicPlan | null {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.QUERY) return null;
  const known = plans.get(operation);
  if (known !== undefined) return known;
  const plan = makePlan(schema, document, operation);
  plans.set(operation, plan);
  return plan;
}

function makePlan(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): PublicPlan | null {
  const root = schema.getQueryType();
  if (!root) return null;
  const fragments = fragmentsOf(document);
  const roots: PublicRoot[] = [];
  if (!isPublic({ schema, fragments, roots }, operation.selectionSet, root)) return null;
  if (roots.length === 0) return null;
  return {
    text: `${operation.name?.value ?? ''}\n${print(document)}`,
    variables: (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value),
    sources: [...new Set(roots.flatMap(({ sources }) => sources))],
    isOfTheMoment: roots.some(({ isOfTheMoment }) => isOfTheMoment),
  };
}

interface Sight {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Those that were found. */
  readonly roots: PublicRoot[];
}

function isPublic(
  sight: Sight,
  { selections }: SelectionSetNode,
  type: GraphQLObjectType,
): boolean {
  return selections.every((selection) => {
    if (selection.kind === Kind.FIELD) return isFieldPublic(sight, selection, type);
    const part =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? sight.fragments.get(selection.name.value)
        : selection;
    const condition = part?.typeCondition?.name.value ?? type.name;
    // On an interface or a union, code that nobody lists decides which type it is.
    return (
      part !== undefined && condition === type.name && isPublic(sight, part.selectionSet, type)
    );
  });
}

function isFieldPublic(sight: Sight, node: FieldNode, type: GraphQLObjectType): boolean {
  const name = node.name.value;
  if (name === '__typename') return true;
  const field = type.getFields()[name];
  if (!field || !isListed(sight, type, name)) return false;
  const inner = getNamedType(field.type);
  if (isLeafType(inner)) return true;
  if (!isObjectType(inner) || !node.selectionSet) return false;
  return isPublic(sight, node.selectionSet, inner);
}

function isListed({ schema, roots }: Sight, type: GraphQLObjectType, name: string): boolean {
  if (type !== schema.getQueryType()) return PUBLIC_FIELDS[type.name]?.includes(name) ?? false;
  const root = PUBLIC_ROOTS[name];
  if (root) roots.push(root);
  return root !== undefined;
}
