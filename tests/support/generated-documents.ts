import type { GeneratorValue } from 'fast-check';
import fc from 'fast-check';
import {
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import type { Root } from './graph-walk.ts';

/** A document, and the variables that it is sent with. */
export interface GeneratedDocument {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface DocumentGeneratorOptions {
  readonly schema: GraphQLSchema;
  /** Where documents begin. */
  readonly roots: readonly Root[];
  /** A query, when it is left out. A subscription begins at one place. */
  readonly operation?: 'query' | 'subscription';
  /** Arguments of fields that need some: `Viewer.account` → `(id: "…")`, one for each way to ask. */
  readonly args: Readonly<Record<string, readonly string[]>>;
}

type Chance = (percent: number) => boolean;

/**
 * Documents as clients might write them: fields under aliases and twice, fragments of all kinds, types
 * asked for, fields left out by directives, sizes of pages as texts and as variables, some of them
 * wrong. All of them are valid.
 */
export function documentGenerator({
  schema,
  roots,
  args,
  operation = 'query',
}: DocumentGeneratorOptions) {
  return (generate: GeneratorValue): GeneratedDocument => {
    const chance: Chance = (percent) => generate(fc.nat, 99) < percent;
    const pick = <Item>(items: readonly Item[]): Item =>
      items[generate(fc.nat, items.length - 1)] as Item;
    const variables = new Map<string, { type: string; value: unknown }>();
    const fragments: string[] = [];
    let aliases = 0;
    /** Among members of a union, where fields of one name may differ in their types. */
    let isAmongMembers = false;

    const variable = (type: string, value: unknown): string => {
      const name = `v${variables.size}`;
      variables.set(name, { type, value });
      return `$${name}`;
    };
    const directive = (): string => {
      if (!chance(12)) return '';
      const name = pick(['skip', 'include']);
      const isTrue = chance(50);
      return ` @${name}(if: ${chance(50) ? variable('Boolean!', isTrue) : String(isTrue)})`;
    };
    const pageSize = (): string => {
      const size = pick([1, 2, 3, 5, 20, 100, ...(chance(3) ? [0] : [])]);
      const name = chance(80) ? 'first' : 'last';
      return `${name}: ${chance(30) ? variable('Int', size) : String(size)}`;
    };
    const argumentsOf = (typeName: string, field: Field): string | undefined => {
      const known = args[`${typeName}.${field.name}`];
      if (known && known.length > 0) return pick(known);
      if (field.args.some(isRequiredArgument)) return undefined;
      return field.args.some(({ name }) => name === 'first') && chance(70) ? `(${pageSize()})` : '';
    };

    const fieldText = (type: GraphQLObjectType, field: Field, depth: number): string => {
      const given = argumentsOf(type.name, field);
      if (given === undefined) return '';
      const inner = getNamedType(field.type);
      if (!isLeafType(inner) && depth === 0) return '';
      // Two of a name must ask for the same.
      const isAliased = isAmongMembers || given !== '' || !isLeafType(inner) || chance(10);
      aliases += 1;
      const alias = isAliased ? `a${aliases}: ` : '';
      const below = isLeafType(inner) ? '' : ` { ${selections(inner, depth - 1)} }`;
      return `${alias}${field.name}${given}${directive()}${below}`;
    };

    const fieldsOf = (type: GraphQLObjectType, depth: number): string => {
      const fields = Object.values(type.getFields());
      const count = 1 + generate(fc.nat, 6);
      const texts = Array.from({ length: count }, () => fieldText(type, pick(fields), depth));
      if (chance(30)) texts.push('__typename');
      return texts.filter((text) => text !== '').join(' ');
    };

    const inFragment = (typeName: string, text: string): string => {
      if (chance(50)) return `... on ${typeName}${directive()} { ${text} }`;
      const name = `F${fragments.length}`;
      fragments.push(`fragment ${name} on ${typeName} { ${text} }`);
      return `...${name}${directive()}${chance(20) ? ` ...${name}` : ''}`;
    };

    const selections = (type: GraphQLNamedType, depth: number): string => {
      if (isAbstractType(type)) {
        const wasAmongMembers = isAmongMembers;
        isAmongMembers = true;
        const parts = schema
          .getPossibleTypes(type)
          .filter(() => chance(60))
          .map((member) => inFragment(member.name, selections(member, depth)));
        isAmongMembers = wasAmongMembers;
        return ['__typename', ...parts].join(' ');
      }
      if (!isObjectType(type)) throw new Error(`${type.name} has no fields.`);
      const text = fieldsOf(type, depth) || '__typename';
      return chance(20) ? `${inFragment(type.name, text)} ${fieldsOf(type, depth)}` : text;
    };

    const rootText = (): string => {
      const { typeName, chain } = pick(roots);
      const type = schema.getType(typeName);
      if (!type) throw new Error(`There is no type ${typeName}.`);
      aliases += 1;
      const [first = '', ...rest] = chain;
      const ways = [`r${aliases}: ${first}`, ...rest];
      const depth = 2 + generate(fc.nat, 2);
      return `${ways.join(' { ')} { ${selections(type, depth)} }${' }'.repeat(rest.length)}`;
    };

    const count = operation === 'query' && chance(25) ? 2 : 1;
    const body = Array.from({ length: count }, rootText).join(' ');
    const texts = [body, ...fragments];
    // What was begun and left out again: a variable or a fragment that nobody uses is not valid.
    const used = texts.filter((text, at) => at === 0 || isUsed(texts, `...F${at - 1}`));
    const sent = [...variables].filter(([name]) => isUsed(used, `$${name}`));
    const declared = sent.map(([name, { type }]) => `$${name}: ${type}`);
    const head = declared.length > 0 ? `(${declared.join(', ')})` : '';
    return {
      document: [`${operation} Q${head} { ${body} }`, ...used.slice(1)].join('\n'),
      variables: Object.fromEntries(sent.map(([name, { value }]) => [name, value])),
    };
  };
}

/** A name goes on with no letter or digit. */
const isUsed = (texts: readonly string[], name: string): boolean =>
  texts.some((text) => text.split(/[^\w.$]+/).includes(name));

type Field = GraphQLField<unknown, unknown>;
