import { countBehind, readSecretStatus } from '../services/accounts/secret-status.ts';
import { withFoundation } from './foundation.ts';
import { say, type Operator } from './operator.ts';
import { sayBroken, SECRETS_EXIT_CODES } from './secrets-words.ts';

/** Says what is sealed with which key. Answers the exit code of the command. */
export function printSecretsStatus(operator: Operator): Promise<number> {
  return withFoundation(operator, async ({ foundation }) => {
    const keyId = foundation.sealing.sealingId();
    const tables = await readSecretStatus(foundation);
    for (const { name, byKey } of tables) {
      const counts = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1));
      const words = counts.map(([id, count]) => `${String(count)} under "${id}"`).join(', ');
      say(`${name}: ${words || 'none'}.`);
    }
    for (const table of tables) sayBroken(table);
    const isBehind = countBehind(tables, keyId) > 0;
    if (isBehind) say(`The key "${keyId}" seals now. Run: npm run cli -- secrets rotate`);
    if (tables.some(({ broken }) => broken.length > 0)) return SECRETS_EXIT_CODES.BROKEN;
    return isBehind ? SECRETS_EXIT_CODES.BEHIND : SECRETS_EXIT_CODES.DONE;
  });
}
