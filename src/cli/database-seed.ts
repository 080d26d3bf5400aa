import { seedDemo } from '../../prisma/seed.ts';
import { describeDemo } from '../start/banner.ts';
import { withFoundation } from './foundation.ts';
import { say, type Operator } from './operator.ts';

export async function seedAsOperator(operator: Operator): Promise<void> {
  const demo = await withFoundation(operator, ({ config }) => seedDemo(config));
  if (demo) for (const line of describeDemo(demo)) say(line);
  else say('There are people or models already: the demo is for an empty database.');
}
