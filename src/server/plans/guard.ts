import type { Context } from '../../schema/context.ts';
import type { scopesOf } from '../../schema/scopes.ts';

export type Scopes = ReturnType<typeof scopesOf>;

type ScopeMap = Readonly<Record<string, unknown>>;
type Demand = ScopeMap | boolean;
/** What access.ts makes of a line, as scope-auth takes it. */
export type Demands = Demand | ((row: unknown, context: Context) => Demand | Promise<Demand>);

/** Whether the caller may read what has this guard. */
export type Guard = (scopes: Scopes, row: unknown, context: Context) => boolean | Promise<boolean>;

/** Undefined where nothing is demanded. */
export function guardOf(demands: Demands | undefined): Guard | undefined {
  if (demands === undefined) return undefined;
  if (typeof demands !== 'function') return (scopes) => isFulfilled(scopes, demands);
  return (scopes, row, context) => {
    const demand = demands(row, context);
    return demand instanceof Promise
      ? demand.then((found) => isFulfilled(scopes, found))
      : isFulfilled(scopes, demand);
  };
}

/** All of it, as the builder's strategy says. What is not known here is not fulfilled. */
function isFulfilled(scopes: Scopes, demand: Demand): boolean {
  if (typeof demand === 'boolean') return demand;
  for (const name in demand) {
    const scope: unknown = scopes[name as keyof Scopes];
    const isGiven =
      typeof scope === 'function'
        ? (scope as (parameter: unknown) => unknown)(demand[name]) === true
        : scope === true;
    if (!isGiven) return false;
  }
  return true;
}
