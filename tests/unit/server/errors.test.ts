import { GraphQLError, Source } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createMaskError } from '../../../src/server/errors.ts';
import {
  Forbidden,
  IdempotencyConflict,
  InvalidInput,
  NotFound,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import { TooBusy } from '../../../src/services/accounts/errors.ts';

const logged: object[] = [];
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields: object) => void logged.push(fields),
};
const mask = createMaskError({ ids: { next: () => 'id-1' }, log, isHelpful: true });
/** An error as graphql-js hands it on: with the place where it was thrown. */
const thrownAt = (originalError: Error) =>
  new GraphQLError(originalError.message, {
    originalError,
    path: ['orders'],
    source: new Source('{ orders }'),
    positions: [2],
  });

describe('a refusal of the domain', () => {
  test.each([
    [new Unauthenticated(), 'UNAUTHENTICATED'],
    [new Forbidden(), 'FORBIDDEN'],
    [new NotFound('Account'), 'NOT_FOUND'],
    [new IdempotencyConflict('k'), 'CONFLICT'],
  ])('leaves with its message, its code and its path: %s', (error, code) => {
    const shown = mask(thrownAt(error)).toJSON();
    expect(shown).toEqual({
      message: error.message,
      path: ['orders'],
      locations: [{ line: 1, column: 3 }],
      extensions: { code },
    });
  });

  test('names its field, and when to come again', () => {
    expect(mask(thrownAt(new InvalidInput('name', 'No.'))).extensions).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'name',
    });
    expect(mask(thrownAt(new TooBusy(3))).extensions).toEqual({
      code: 'RATE_LIMITED',
      retryAfterSeconds: 3,
    });
  });

  test('before execution says its status to HTTP', () => {
    expect(mask(new Unauthenticated()).extensions).toMatchObject({ http: { status: 401 } });
  });
});

describe('a bug', () => {
  test.each([
    new Error('relation "users" does not exist at character 15'),
    new TypeError("Cannot read properties of undefined (reading 'id')"),
    'a text that was thrown',
    undefined,
  ])('leaves as an id alone, and is logged once with it: %s', (error) => {
    logged.length = 0;
    const thrown = error instanceof Error ? thrownAt(error) : error;
    const shown = mask(thrown);
    expect(shown.message).toBe('Something went wrong on our side.');
    expect(shown.extensions).toMatchObject({ code: 'INTERNAL', errorId: 'id-1' });
    expect(JSON.stringify(shown)).not.toContain('character 15');
    expect(shown.originalError).toBeUndefined();
    expect(logged).toEqual([expect.objectContaining({ err: error, errorId: 'id-1' })]);
  });

  test('of our own rows is not shown, although graphql-js complains of it', () => {
    const complaint = new GraphQLError('Expected value of type "Order" but got: { secret: 1 }.');
    expect(mask(thrownAt(complaint)).message).not.toContain('secret');
  });
});

describe('an error of the protocol', () => {
  test('keeps its message and gets a code of ours', () => {
    const error = new GraphQLError('Syntax Error: Unexpected "}".', {
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    });
    const shown = mask(error);
    expect(shown.message).toBe(error.message);
    expect(shown.extensions['code']).toBe('BAD_USER_INPUT');
  });

  test('names the place in a variable', () => {
    const message =
      'Variable "$input" got invalid value 1.5 at "input.quantity"; A Decimal is a string.';
    expect(mask(new GraphQLError(message)).extensions['field']).toBe('input.quantity');
    const whole = 'Variable "$first" got invalid value "x"; Int cannot represent it.';
    expect(mask(new GraphQLError(whole)).extensions['field']).toBe('first');
  });

  test('says no names that come near in production', () => {
    const silent = createMaskError({ ids: { next: () => 'id-1' }, log, isHelpful: false });
    const message = 'Cannot query field "emial" on type "User". Did you mean "email" or "id"?';
    expect(silent(new GraphQLError(message)).message).toBe(
      'Cannot query field "emial" on type "User".',
    );
    expect(mask(new GraphQLError(message)).message).toBe(message);
  });
});
