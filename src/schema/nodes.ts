import { brandWithType } from '@pothos/core';
import type { Context, Entities } from './context.ts';

/** The types whose objects a level of a query reads by their ids, as `node` does too. */
const ENTITIES: Readonly<Record<string, keyof Entities>> = {
  Account: 'account',
  Instrument: 'instrument',
  Model: 'model',
  Order: 'order',
  Trade: 'trade',
  User: 'user',
};

/** What a global id says. */
export interface ParsedId {
  readonly typename: string;
  readonly id: string;
}

/**
 * The object with a global id, read with the others of its level; null for none, and for one that may
 * not be seen. Undefined for types that are not read so.
 */
export function loadNode(
  { load }: Context,
  { typename, id }: ParsedId,
): Promise<unknown> | undefined {
  const name = ENTITIES[typename];
  return name && load.byId(name, id).then((row) => branded(row, typename));
}

/** `node` tells the type of an object by this. */
function branded(row: object | null, typename: string): object | null {
  if (row) brandWithType(row, typename as never);
  return row;
}
