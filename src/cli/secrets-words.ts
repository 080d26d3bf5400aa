import { say } from './operator.ts';

export const SECRETS_EXIT_CODES = { DONE: 0, BROKEN: 1, BEHIND: 3 } as const;

const NAMED_MAX = 10;

/** Names the rows of a table that do not open. */
export function sayBroken({ name, broken }: { name: string; broken: readonly string[] }): void {
  if (broken.length === 0) return;
  say(`${name}: ${String(broken.length)} DO NOT OPEN, with any of VAULT_KEYS:`);
  for (const id of broken.slice(0, NAMED_MAX)) say(`  ${id}`);
  const left = broken.length - NAMED_MAX;
  if (left > 0) say(`  … and ${String(left)} more`);
}
