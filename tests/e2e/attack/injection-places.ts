import {
  getNamedType,
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLScalarType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isLeafType,
  isCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

/** A place of the graph that takes a text from whoever calls. */
export interface Place {
  /** Such as `Mutation.logIn(input.password)`. */
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly rootField: string;
  /** Takes the variable `$given`. */
  readonly document: string;
  /** Of the value that is asked for, such as `ID`. */
  readonly typeName: string;
  /** What `$given` is with this text at the place, and what is right everywhere else. */
  given(text: string): unknown;
}

/** A right value for an argument or input field, by the name of its scalar and by its own. */
export type Baseline = (typeName: string, name: string) => unknown;

const DEPTH_MAX = 5;
const NUMBERS = ['Int', 'Float', 'Boolean'];

/** Every place of the schema that takes a text: arguments, their input fields, at any depth. */
export function placesOf(schema: GraphQLSchema, baseline: Baseline): Place[] {
  const places: Place[] = [];
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const;
  const seen = new Set<string>();

  const visit = (
    kind: Place['kind'],
    type: GraphQLObjectType,
    above: readonly string[],
    rootField?: string,
  ): void => {
    for (const field of Object.values(type.getFields())) {
      const root = rootField ?? field.name;
      const key = `${type.name}.${field.name}`;
      if (seen.has(key)) continue;
      seen.add(key);
      places.push(...placesOfField({ kind, type, field, above, root, baseline }));
      const next = getNamedType(field.type);
      if (isObjectType(next) && above.length < DEPTH_MAX && kind === 'query') {
        visit(kind, next, [...above, callOf(field, baseline)], root);
      }
    }
  };
  for (const [kind, type] of roots) if (type) visit(kind, type, []);
  return places;
}

interface FieldPlace {
  readonly kind: Place['kind'];
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly above: readonly string[];
  readonly root: string;
  readonly baseline: Baseline;
}

function placesOfField({ kind, type, field, above, root, baseline }: FieldPlace): Place[] {
  return field.args.flatMap((argument) =>
    textsIn(argument.type, []).map(({ path, typeName }): Place => {
      const others = field.args
        .filter((other) => other !== argument && isRequiredArgument(other))
        .map((other) => `${other.name}: ${literal(valueOf(other.type, other.name, baseline))}`);
      const call = `${field.name}(${[`${argument.name}: $given`, ...others].join(', ')})`;
      const selection = isCompositeType(getNamedType(field.type)) ? ' { __typename }' : '';
      const open = above.map((step) => `${step} { `).join('');
      const where = [argument.name, ...path].join('.');
      return {
        ...{ kind, rootField: root, typeName, name: `${type.name}.${field.name}(${where})` },
        document: `${kind} Q($given: ${String(argument.type)}) { ${open}${call}${selection}${' }'.repeat(above.length)} }`,
        given: (text) => valueAt(argument.type, [argument.name, ...path], { text, baseline }),
      };
    }),
  );
}

/** The paths to all texts in a value of that type. */
function textsIn(
  type: GraphQLInputType,
  path: readonly string[],
): { readonly path: readonly string[]; readonly typeName: string }[] {
  const named = getNamedType(type);
  if (named instanceof GraphQLEnumType) return [];
  if (named instanceof GraphQLScalarType) {
    return NUMBERS.includes(named.name) ? [] : [{ path, typeName: named.name }];
  }
  if (path.length >= DEPTH_MAX) return [];
  return Object.values(named.getFields()).flatMap((field) =>
    textsIn(field.type, [...path, field.name]),
  );
}

interface Filled {
  readonly text: string;
  readonly baseline: Baseline;
}

/** The value with the text where the path ends; the first of the path is the name of the value. */
function valueAt(
  type: GraphQLInputType,
  [name = '', ...path]: readonly string[],
  filled: Filled,
): unknown {
  if (isNonNullType(type)) return valueAt(type.ofType, [name, ...path], filled);
  if (isListType(type)) return [valueAt(type.ofType, [name, ...path], filled)];
  if (isLeafType(type)) return filled.text;
  const [next = ''] = path;
  const field = type.getFields()[next];
  const whole = valueOf(type, name, filled.baseline) as object;
  return { ...whole, ...(field && { [next]: valueAt(field.type, path, filled) }) };
}

/** A right value, with nothing in it that may be left out. */
function valueOf(type: GraphQLInputType, name: string, baseline: Baseline): unknown {
  if (isNonNullType(type)) return valueOf(type.ofType, name, baseline);
  if (isListType(type)) return [valueOf(type.ofType, name, baseline)];
  if (type instanceof GraphQLEnumType) return type.getValues()[0]?.name;
  if (!(type instanceof GraphQLInputObjectType)) return baseline(type.name, name);
  const required = Object.values(type.getFields()).filter(isRequiredInputField);
  return Object.fromEntries(
    required.map((field) => [field.name, valueOf(field.type, field.name, baseline)]),
  );
}

function callOf(field: GraphQLField<unknown, unknown>, baseline: Baseline): string {
  const required = field.args
    .filter(isRequiredArgument)
    .map(({ name, type }) => `${name}: ${literal(valueOf(type, name, baseline))}`);
  const first = field.args.some(({ name }) => name === 'first') ? ['first: 1'] : [];
  const given = [...required, ...first];
  return given.length > 0 ? `${field.name}(${given.join(', ')})` : field.name;
}

/** A value as it stands in a document: names of enums have no quotes, and keys neither. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${key}: ${literal(inner)}`)
      .join(', ')} }`;
  }
  const isEnum = typeof value === 'string' && /^[A-Z][A-Z0-9_]+$/.test(value);
  return isEnum ? value : JSON.stringify(value);
}
