import { rotateSecrets } from '../services/accounts/secret-rotation.ts';
import { withFoundation } from './foundation.ts';
import { say, type Operator } from './operator.ts';
import { sayBroken, SECRETS_EXIT_CODES } from './secrets-words.ts';

/** Seals what is under older keys anew. Answers the exit code of the command. */
export function printRotation(operator: Operator): Promise<number> {
  return withFoundation(operator, async ({ foundation }) => {
    const { keyId, tables, behindCount } = await rotateSecrets(foundation);
    for (const { name, resealedCount } of tables) {
      say(`${name}: ${String(resealedCount)} sealed with the key "${keyId}".`);
    }
    for (const table of tables) sayBroken(table);
    if (behindCount > 0) {
      say(
        `${String(behindCount)} are under an older key again: somebody still seals with it. Put the`,
      );
      say(
        `key "${keyId}" first in VAULT_KEYS of every process, start them anew, and run this again.`,
      );
    }
    if (tables.some(({ broken }) => broken.length > 0)) return SECRETS_EXIT_CODES.BROKEN;
    if (behindCount > 0) return SECRETS_EXIT_CODES.BEHIND;
    say(`Everything is under the key "${keyId}": no other one is needed.`);
    return SECRETS_EXIT_CODES.DONE;
  });
}
