import { expect, test } from 'vitest';
import {
  CAN_FILL,
  IS_WORKING,
  STANDS_HERE,
} from '../../../src/services/portfolio/order-standing.ts';
import { FILLABLE, WORKING } from '../../../src/services/trading/engine/order-state.ts';

const statusesIn = (sql: string): string[] =>
  [...sql.matchAll(/'(?<status>\w+)'/g)].map(({ groups }) => groups?.['status'] ?? '').sort();

test('where orders stand is in SQL what it is in the table of their states', () => {
  expect(statusesIn(IS_WORKING)).toEqual([...WORKING].sort());
  expect(statusesIn(CAN_FILL)).toEqual([...FILLABLE].sort());
  expect(statusesIn(STANDS_HERE)).toEqual([...FILLABLE, 'PENDING'].sort());
});
