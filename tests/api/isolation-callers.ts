import type { Estate } from '../support/estate.ts';
import type { Person } from '../support/people.ts';
import { CALLERS, type Caller } from './isolation-table.ts';

/** Those who may see of the owner's what is public, and nothing else. */
export const OUTSIDERS = ['anonymous', 'viewer', 'stranger'] as const;

/** The person behind a caller; nobody behind `anonymous`. */
export function personOf(estate: Estate, caller: Caller): Person | undefined {
  return caller === 'anonymous' ? undefined : estate[caller];
}

/** A token of a fresh session; undefined for `anonymous`. */
export async function tokenOf(estate: Estate, caller: Caller): Promise<string | undefined> {
  const person = personOf(estate, caller);
  return person && estate.graph.logIn(person);
}

export type Tokens = Readonly<Record<Caller, string | undefined>>;

export async function tokensOf(estate: Estate): Promise<Tokens> {
  const tokens: [Caller, string | undefined][] = [];
  for (const caller of CALLERS) tokens.push([caller, await tokenOf(estate, caller)]);
  return Object.fromEntries(tokens) as Tokens;
}
