import {
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isAbstractType,
  Kind,
  type FieldNode,
  type GraphQLObjectType,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Asked } from './planned-run.ts';

/** What selections are read with. Variables that directives ask for have these values. */
export type Sight = Pick<Asked, 'fragments' | 'schema' | 'variableValues'>;

/**
 * The fields that these selections ask of an object of that type, by the name they have in the answer and
 * in its order: https://spec.graphql.org/October2021/#CollectFields().
 */
export function selectedFields(
  sight: Sight,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const spreads = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const node of selections) {
      if (!isIncluded(sight, node)) continue;
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        const known = fields.get(key);
        if (known) known.push(node);
        else fields.set(key, [node]);
        continue;
      }
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        if (spreads.has(node.name.value)) continue;
        spreads.add(node.name.value);
      }
      const part = node.kind === Kind.FRAGMENT_SPREAD ? sight.fragments[node.name.value] : node;
      if (part && isOf(sight, type, part.typeCondition?.name.value)) collect(part.selectionSet);
    }
  };
  sets.forEach(collect);
  return fields;
}

function isIncluded({ variableValues }: Sight, node: SelectionNode): boolean {
  if (!node.directives || node.directives.length === 0) return true;
  const skip = getDirectiveValues(GraphQLSkipDirective, node, variableValues);
  const include = getDirectiveValues(GraphQLIncludeDirective, node, variableValues);
  return skip?.['if'] !== true && include?.['if'] !== false;
}

function isOf({ schema }: Sight, type: GraphQLObjectType, condition: string | undefined): boolean {
  if (condition === undefined || condition === type.name) return true;
  const named = schema.getType(condition);
  return isAbstractType(named) && schema.isSubType(named, type);
}
