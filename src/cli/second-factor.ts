import type { Command } from 'commander';
import { asOperator, say } from './operator.ts';

/** `admin reset-second-factor`: for who has lost them all. */
export function registerSecondFactor(admin: Command): void {
  admin
    .command('reset-second-factor')
    .description(
      'Take every second factor of a person away who has lost them all, and end their sessions. Make ' +
        'sure first that it is them who ask.',
    )
    .argument('<name>', 'their user name')
    .action((name: string) =>
      asOperator(async (operator) => {
        const { withFoundation } = await import('./foundation.ts');
        const { resetSecondFactor } =
          await import('../services/accounts/operator-second-factor.ts');
        const { username, hadTotp, passkeys, endedSessions } = await withFoundation(
          operator,
          ({ foundation }) => resetSecondFactor(foundation, name),
        );
        say(
          `${username} has no second factor any more: ${hadTotp ? 'an' : 'no'} authenticator app, ` +
            `${String(passkeys)} passkeys and ${String(endedSessions)} sessions are gone.`,
        );
      }),
    );
}
