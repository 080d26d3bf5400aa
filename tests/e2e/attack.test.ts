import { afterAll, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { ATTACKS } from './attack/all.ts';
import { openAttackHouse } from './attack/house.ts';
import { runAttacks } from './attack/rounds.ts';

// The long form, with every attack, three times, and its table: `npm run test:attack`.
const { ownerUrl } = await createTestDatabase();
const house = await openAttackHouse(ownerUrl);
afterAll(() => house.stop());

it.each(ATTACKS.filter(({ isLong }) => isLong !== true))(
  '$name: $refusal',
  async (attack) => {
    const [outcome] = await runAttacks(house, [attack]);
    expect(outcome?.findings).toEqual([]);
  },
  240_000,
);
