import { globSync, readFileSync } from 'node:fs';
import { isEnumType } from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '../../../src/resolvers/index.ts';

/** What is told as an error of the protocol, in `extensions.code`, and never as data. */
const OF_THE_PROTOCOL = [
  ...['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BAD_USER_INPUT', 'RATE_LIMITED'],
  ...['SLOW_READER', 'STREAM_INTERRUPTED', 'UNKNOWN_SYMBOL'],
];
/** What operators alone are told, on the command line. */
const OF_OPERATORS = ['SUPER_ADMIN_EXISTS', 'LAST_SUPER_ADMIN', 'IMPORT_REFUSED', 'EXPORT_REFUSED'];

test('every refusal has a code that the graph knows: another one would be masked as a bug', () => {
  const codes = globSync('src/services/**/*.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/readonly code = '(?<code>\w+)'/g)].map(
      ({ groups }) => groups?.['code'] ?? '',
    ),
  );
  const type = buildSchema().getType('ErrorCode');
  const known = isEnumType(type) ? type.getValues().map(({ name }) => name) : [];
  expect(codes.length).toBeGreaterThan(20);
  const unknown = codes.filter(
    (code) => ![...known, ...OF_THE_PROTOCOL, ...OF_OPERATORS].includes(code),
  );
  expect(unknown).toEqual([]);
  expect(known.filter((code) => !codes.includes(code))).toEqual([]);
});
