import { readFile } from 'node:fs/promises';
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
  type GraphQLInterfaceType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { buildSchema } from '../../src/resolvers/index.ts';
import { FIELD_ACCESS, ROOT_ACCESS, TYPE_ACCESS } from '../../src/schema/access.ts';
import { NODE_TYPES } from '../../src/schema/global-ids.ts';

const schema = buildSchema();
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

describe('the schema', () => {
  test('describes every type, field, argument and enum value', () => {
    const silent: string[] = [];
    const look = (place: string, described: { description?: string | null | undefined }) => {
      if (!described.description?.trim()) silent.push(place);
    };
    for (const type of types) {
      look(type.name, type);
      if (isEnumType(type)) {
        for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
      }
      if (isInputObjectType(type)) {
        for (const field of Object.values(type.getFields()))
          look(`${type.name}.${field.name}`, field);
      }
      if (isObjectType(type) || isInterfaceType(type)) {
        for (const field of Object.values(type.getFields())) {
          look(`${type.name}.${field.name}`, field);
          for (const arg of field.args) look(`${type.name}.${field.name}(${arg.name})`, arg);
        }
      }
    }
    expect(silent).toEqual([]);
  });

  test('says of every field that may be null when it is', () => {
    const unsaid: string[] = [];
    for (const type of types.filter(isObjectType)) {
      for (const field of Object.values(type.getFields())) {
        const isNullable = !field.type.toString().endsWith('!');
        if (isNullable && !/[Nn]ull/.test(field.description ?? '')) {
          unsaid.push(`${type.name}.${field.name}`);
        }
      }
    }
    expect(unsaid).toEqual([]);
  });

  test('is the one that is committed', async () => {
    const committed = await readFile('src/schema/schema.graphql', 'utf8');
    expect(committed.split('\n').slice(2).join('\n').trim()).toBe(
      printSchema(lexicographicSortSchema(schema)).trim(),
    );
  });

  test('gives a global id to the types that say so, and to no others', () => {
    const node = schema.getType('Node') as GraphQLInterfaceType;
    const named = schema.getPossibleTypes(node).map(({ name }) => name);
    expect(named.sort()).toEqual([...NODE_TYPES].sort());
  });

  test('takes one input for each mutation, and answers with a union of errors that are alike', () => {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const names = field.args.map(({ name }) => name);
      expect(names).toEqual(['input']);
      // A list of commands is answered with one such union for each.
      const result = schema.getType(getNamedType(field.type).name);
      const members = result && 'getTypes' in result ? result.getTypes() : [];
      const errors = members.filter(({ name }) => name.endsWith('Error'));
      for (const error of errors) {
        expect(error.getInterfaces().map(({ name }) => name)).toContain('Error');
      }
      expect(members.length - errors.length).toBe(1);
    }
  });

  test('takes an idempotency key wherever something is made or moved', () => {
    // A token is good once, and a password once it is the present one: the same again is refused.
    const withTokens = ['changePassword', 'resetPassword', 'verifyEmail'];
    const mails = ['requestPasswordReset', 'resendVerification'];
    const without = [
      'logIn',
      'logOut',
      'refreshSession',
      'signUp',
      ...withTokens,
      ...mails,
      'confirmSecondFactor',
      'confirmTotp',
      // Armed again, it is armed.
      'cancelOnDisconnect',
      'createStatement',
      'enableTotp',
      // Each of the orders has a key of its own.
      'placeOrders',
      'logInWithPasskey',
      'registerPasskey',
      'requestPasskeyChallenge',
    ];
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      if (without.includes(field.name)) continue;
      const input = field.args[0]?.type.toString().replace('!', '') ?? '';
      const type = schema.getType(input);
      const fields = type && isInputObjectType(type) ? Object.keys(type.getFields()) : [];
      expect(
        fields.filter((name) => /^(idempotencyKey|clientOrderId|tradeId)$/.test(name)),
      ).toHaveLength(1);
    }
  });
});

describe('the table of access', () => {
  test('has a line for every type and root field that is there, and for nothing else', () => {
    const roots = Object.keys(ROOT_ACCESS);
    for (const root of roots) {
      const type = schema.getType(root);
      const fields = isObjectType(type) ? Object.keys(type.getFields()) : [];
      const lines: Readonly<Record<string, object>> = ROOT_ACCESS;
      expect(Object.keys(lines[root] ?? {}).sort()).toEqual(fields.sort());
    }
    // An account's way to its broker is a thing, and no page of brokers.
    const carriers = /(?<!^Broker)(Connection|Edge|Success|Error)$/;
    const objects = types
      .filter(isObjectType)
      .map(({ name }) => name)
      .filter((name) => !roots.includes(name) && !carriers.test(name));
    expect(Object.keys(TYPE_ACCESS).sort()).toEqual(objects.sort());
    for (const line of Object.keys(FIELD_ACCESS)) {
      const [typeName = '', fieldName = ''] = line.split('.');
      const type = schema.getType(typeName);
      expect(isObjectType(type) && type.getFields()[fieldName]).toBeTruthy();
    }
  });
});
