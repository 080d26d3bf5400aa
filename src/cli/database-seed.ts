import { seedDemo } from '../../prisma/seed.ts';
import { describeDemo } from '../start/banner.ts';
import { withFoundation } from './foundation.ts';
import { say, type Operator } from './operator.ts';

export async function seedAsOperator(operator: Operator): Promise<void> {
  await withFoundation(operator, async ({ config }) => {
    const demo = await seedDemo(config);
    const nothing = ['There are people or models already: the demo is for an empty database.'];
    for (const line of demo ? describeDemo(demo, config) : nothing) say(line);
  });
}
