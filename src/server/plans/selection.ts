import {
  getArgumentValues,
  visit,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type SelectionSetNode,
} from 'graphql';
import type { Context } from '../../schema/context.ts';
import { encodeGlobalId, NODE_TYPES } from '../../schema/global-ids.ts';
import { completeOrWait, completionOf, type Complete, type Fill } from './completion.ts';
import { guardOf, type Demands, type Guard } from './guard.ts';
import {
  abandon,
  Unplanned,
  type Path,
  type Place,
  type PlannedRun,
  type SelectedField,
} from './planned-run.ts';
import { selectedFields, type Sight } from './selected-fields.ts';

type Resolver = GraphQLFieldResolver<unknown, Context>;
type Arguments = Readonly<Record<string, unknown>>;
type ArgumentMapper = (args: Arguments, context: Context, info: GraphQLResolveInfo) => unknown;

/** What Pothos and our plugins keep beside a field. */
interface FieldConfig {
  readonly ungated?: Resolver;
  readonly pothosExposedField?: string;
  readonly pothosArgMappers?: readonly ArgumentMapper[];
  readonly pothosOptions?: {
    readonly authScopes?: Demands;
    readonly grantScopes?: unknown;
    readonly skipTypeScopes?: boolean;
    readonly unauthorizedResolver?: unknown;
    readonly errors?: unknown;
  };
  readonly pothosConfig?: { readonly kind: string };
}

/** What is done for one field of a selection. */
type Step = (run: PlannedRun, row: object, place: Place, path: Path | undefined) => void;

/** How the selected fields of an object of that type come into an answer. */
export function fillOf(
  sight: Sight,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): Fill {
  const steps: Step[] = [];
  for (const [key, nodes] of selectedFields(sight, type, sets)) {
    const name = nodes[0]?.name.value ?? '';
    const field = type.getFields()[name] as SelectedField['field'] | undefined;
    if (key === '__proto__') throw new Unplanned('That is no name of a property.');
    if (name === '__typename') steps.push(typenameStep(key, type.name));
    else if (field) steps.push(fieldStep(sight, { key, nodes, field, parentType: type }));
    else throw new Unplanned(`${name} is asked of the schema itself.`);
  }
  return (run, row, place, path) => {
    for (const step of steps) step(run, row, place, path);
  };
}

function typenameStep(key: string, typename: string): Step {
  return (_run, _row, place) => {
    place[key] = typename;
  };
}

function fieldStep(sight: Sight, selected: SelectedField): Step {
  const { key, field, nodes, parentType } = selected;
  const { ungated, pothosOptions, pothosExposedField: exposed } = configOf(selected);
  if (!ungated || !pothosOptions) throw new Unplanned(`${field.name} is resolved elsewhere.`);
  const { authScopes, grantScopes, skipTypeScopes, errors } = pothosOptions;
  if (grantScopes || skipTypeScopes || errors) throw new Unplanned(`${field.name} is special.`);
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const complete = completionOf(field.type, {
    selected,
    fillOf: (type) => fillOf(sight, type, sets),
  });
  const isRoot = parentType === sight.schema.getSubscriptionType();
  // The scopes of a subscription were asked when it began, and its type has none.
  const demands = isRoot ? undefined : authScopes;
  const guard = fieldGuard(demands);
  if (exposed !== undefined && !guard && field.args.length === 0) {
    return exposedStep(selected, exposed, complete);
  }
  const read = isGlobalId(selected) ? globalIdOf(selected) : valueOf(selected, ungated, isRoot);
  const step: Step = (run, row, place, path) => {
    completeOrWait(complete, run, read(run, row, path), place, key, path);
  };
  return guard ? guardedStep(selected, guard, step) : step;
}

/** Those of a field are asked with its arguments, which ours have no use for. */
function fieldGuard(demands: Demands | undefined): Guard | undefined {
  if (typeof demands === 'function' && demands.length > 1) {
    throw new Unplanned('Scopes that look at more than the object.');
  }
  return guardOf(demands);
}

const configOf = ({ field }: SelectedField): FieldConfig => field.extensions as FieldConfig;

/** A property of the object. One that Prisma did not read is read by the ordinary way. */
function exposedStep(selected: SelectedField, property: string, complete: Complete): Step {
  const isColumn = configOf(selected).pothosConfig?.kind === 'PrismaObject';
  const { key } = selected;
  return (run, row, place, path) => {
    const value = (row as Readonly<Record<string, unknown>>)[property];
    if ((value === undefined && isColumn) || typeof value === 'function') {
      throw new Unplanned(`${property} was not read.`);
    }
    completeOrWait(complete, run, value, place, key, path);
  };
}

/** Whoever may not read it gets null where it says so; else the refusal is not ours to word. */
function guardedStep({ key, field }: SelectedField, guard: Guard, step: Step): Step {
  const { pothosOptions } = field.extensions as FieldConfig;
  const isNullWhenRefused = pothosOptions?.unauthorizedResolver !== undefined;
  return (run, row, place, path) => {
    const mayBeRead = guard(run.scopes, row, run.context);
    if (mayBeRead === true) step(run, row, place, path);
    else if (mayBeRead === false && isNullWhenRefused) place[key] = null;
    else {
      abandon(mayBeRead);
      throw new Unplanned(`${field.name} may not be read, or that is told later.`);
    }
  };
}

/** The field `id` of what has one: of its row's, as `node` takes it. Pothos' way there is asynchronous. */
const isGlobalId = ({ field, parentType }: SelectedField): boolean =>
  field.name === 'id' && NODE_TYPES.includes(parentType.name);

function globalIdOf({ parentType }: SelectedField): Read {
  return (_run, row) => {
    const { id } = row as { readonly id?: unknown };
    if (typeof id !== 'string') throw new Unplanned('A row without its id.');
    return encodeGlobalId(parentType.name, id);
  };
}

type Read = (run: PlannedRun, row: object, path: Path | undefined) => unknown;

/** Which parameter of a resolver that is. */
const INFO_AT = 4;

/** What the field resolves to, with the arguments as the plugins map them. */
function valueOf(selected: SelectedField, resolve: Resolver, isOfEvents: boolean): Read {
  const { field } = selected;
  // Most resolvers do not look at where they are; those of Pothos do.
  const { pothosArgMappers: mappers = [] } = configOf(selected);
  const looksAround = mappers.length > 0 || resolve.length === 0 || resolve.length >= INFO_AT;
  const read = argumentReader(selected);
  const mapped: MappedArguments = (run, info) => {
    let args = read(run);
    for (const map of mappers) {
      const next = map(args, run.context, info);
      if (next instanceof Promise) {
        abandon(next);
        throw new Unplanned(`${field.name} maps arguments later.`);
      }
      args = next as Arguments;
    }
    return args;
  };
  const argumentsOf = isOfEvents ? onceFor(mapped) : mapped;
  return (run, row, path) => {
    const info = (looksAround && run.infoOf(selected, path)) as GraphQLResolveInfo;
    const value: unknown = resolve(row, argumentsOf(run, info), run.context, info);
    if (value instanceof Error) throw new Unplanned('An error as a value.');
    return value;
  };
}

type MappedArguments = (run: PlannedRun, info: GraphQLResolveInfo) => Arguments;

/** Reads the arguments once for all events of a subscription, whose variables are one object. */
function onceFor(read: MappedArguments): MappedArguments {
  const known = new WeakMap<object, Arguments>();
  return (run, info) => {
    const { variableValues } = run.asked;
    const args = known.get(variableValues) ?? read(run, info);
    known.set(variableValues, args);
    return { ...args };
  };
}

/** The arguments of a field: read once where no variable is among them. */
function argumentReader({ field, nodes }: SelectedField): (run: PlannedRun) => Arguments {
  const [node] = nodes;
  if (!node || field.args.length === 0) return () => ({});
  if (hasVariable(node)) {
    return ({ asked }) => getArgumentValues(field, node, asked.variableValues);
  }
  const fixed = getArgumentValues(field, node);
  return () => ({ ...fixed });
}

function hasVariable(node: NonNullable<SelectedField['nodes'][number]>): boolean {
  let isFound = false;
  node.arguments?.forEach((argument) => {
    visit(argument, {
      Variable: () => {
        isFound = true;
      },
    });
  });
  return isFound;
}
