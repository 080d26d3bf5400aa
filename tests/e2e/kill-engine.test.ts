import { expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { killRounds } from './kill-engine/kill-rounds.ts';

const database = await createTestDatabase();

test('an engine that is killed while it fills loses, doubles and invents nothing', async () => {
  const seed = Date.now() % 1_000_000;
  const { ownerUrl } = database;
  const result = await killRounds({ ownerUrl, rounds: 3, seed, say: () => undefined });
  expect({ seed, problems: result.problems }).toEqual({ seed, problems: [] });
  // A kill that hits nobody proves nothing.
  expect(result.hits).toBeGreaterThan(0);
  expect(result.answered).toBeGreaterThanOrEqual(30);
  expect(result.fills).toBeGreaterThan(0);
}, 600_000);
