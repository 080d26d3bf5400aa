import { describe, expect, it } from 'vitest';
import { callsTogether, together } from '../../../src/services/platform/query.ts';

const query = (text: string, ...values: unknown[]) => ({ text, values });

describe('together', () => {
  it('numbers the values of each statement on', () => {
    const merged = together([
      query('INSERT INTO a VALUES ($1, $2)', 1, 2),
      query('UPDATE b SET c = $1', 3),
    ]);
    expect(merged.text).toBe('WITH part_0 AS (INSERT INTO a VALUES ($1, $2)) UPDATE b SET c = $3');
    expect(merged.values).toEqual([1, 2, 3]);
  });
});

describe('callsTogether', () => {
  it('makes one statement of calls, in their order', () => {
    expect(callsTogether([query('SELECT f($1, $2)', 1, 2), query('SELECT g($1)', 3)])).toEqual([
      query('SELECT f($1, $2), g($3)', 1, 2, 3),
    ]);
  });

  it('keeps what is no call where it stands among them', () => {
    const insert = query('INSERT INTO a VALUES ($1)', 1);
    const f = query('SELECT f($1)', 2);
    const g = query('SELECT g($1)', 3);
    const both = query('SELECT f($1), g($2)', 2, 3);
    expect(callsTogether([insert, f, g])).toEqual([insert, both]);
    expect(callsTogether([f, g, insert, f])).toEqual([both, insert, f]);
    expect(callsTogether([insert])).toEqual([insert]);
    expect(callsTogether([])).toEqual([]);
  });
});
