import { createOperators } from '../app/people.ts';
import { NotFound } from '../services/platform/errors.ts';
import { systemViewer } from '../services/platform/viewer.ts';
import { withFoundation } from './foundation.ts';
import { say, type Operator } from './operator.ts';

/** Prints a token alone, so that a script can take it. */
export async function printToken(operator: Operator, name: string): Promise<void> {
  await withFoundation(operator, async ({ foundation, config }) => {
    const user = await foundation.workerDb.snapshot(systemViewer(), (tx) =>
      tx.user.findUnique({ where: { usernameKey: name.toLowerCase() } }),
    );
    if (!user) throw new NotFound('User');
    const operators = createOperators({ ...foundation, config });
    const { demoTokenLifetimeSeconds } = config.auth;
    const { accessToken } = await operators.issueToken(user.id, demoTokenLifetimeSeconds);
    say(accessToken);
  });
}
