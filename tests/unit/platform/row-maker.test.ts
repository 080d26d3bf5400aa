import { expect, test } from 'vitest';
import { createRowMaker } from '../../../src/services/platform/row-maker.ts';

const columns = [
  { name: 'id', read: undefined },
  { name: 'count', read: Number },
];

test('a row is a plain object of what was read', () => {
  const row = createRowMaker(columns)(['a', '2']);
  expect(row).toStrictEqual({ id: 'a', count: 2 });
});

test('a row of which a part was read tells who looks at the rest', () => {
  const row = createRowMaker(columns, ['price'])(['a', null]) as Record<string, unknown>;
  expect({ ...row }).toStrictEqual({ id: 'a', count: null });
  expect(() => row['price']).toThrow('price was not read.');
  expect(row['other']).toBeUndefined();
});

test('no column changes what a row is', () => {
  expect(() => createRowMaker([{ name: '__proto__', read: undefined }])).toThrow('__proto__');
});
