import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { soon, type Soon } from '../services/platform/soon.ts';
import { sharedPlanOf } from './shared-plan.ts';

/** The result of an event as it goes to everyone who may read it. Nobody changes it. */
export interface SharedResult {
  readonly result: ExecutionResult;
  /** Its JSON. */
  readonly payload: Buffer;
}

/** One subscription among those that share their results. */
export interface SharedReader {
  /** The result of an event; null when each must execute it for themselves. */
  resultOf(event: object): Soon<SharedResult | null>;
  /** It reads no more. */
  leave(): void;
}

export interface SharedResults {
  /**
   * A reader of a subscription; undefined for one that shares nothing. All who join may read whatever
   * is executed in nobody's name.
   */
  join(args: ExecutionArgs): SharedReader | undefined;
}

/** Executes an event in nobody's name. */
export type ExecuteShared = (args: ExecutionArgs, event: object) => Soon<ExecutionResult>;

interface Group {
  readers: number;
  /** By the event itself: it is one object for all readers of a process. */
  readonly results: WeakMap<object, Soon<SharedResult | null>>;
}

/**
 * Subscriptions of the same document and variables execute each event once, and write its message once. A result with an error is shared with nobody, since what fails for one in nobody's name
 * may succeed for another.
 */
export function createSharedResults(execute: ExecuteShared): SharedResults {
  const groups = new Map<string, Group>();

  /** Whoever executes for themselves what fails here hears of it. */
  const executeOnce = (
    { results }: Group,
    args: ExecutionArgs,
    event: object,
  ): Soon<SharedResult | null> => {
    const keep = (shared: SharedResult | null): SharedResult | null => {
      results.set(event, shared);
      return shared;
    };
    const shared = soon(execute(args, event), (result) =>
      keep(result.errors ? null : { result, payload: Buffer.from(JSON.stringify(result)) }),
    );
    return shared instanceof Promise ? shared.catch(() => keep(null)) : shared;
  };

  return {
    join(args) {
      const plan = sharedPlanOf(args.schema, args.document, args.operationName);
      if (!plan) return undefined;
      const values = plan.variables.map((name) => args.variableValues?.[name] ?? null);
      const given = plan.variables.filter((name) => args.variableValues?.[name] !== undefined);
      const key = JSON.stringify([plan.text, values, given]);
      const group = groups.get(key) ?? { readers: 0, results: new WeakMap() };
      groups.set(key, group);
      group.readers += 1;
      let isReading = true;
      return {
        resultOf(event) {
          const known = group.results.get(event);
          if (known !== undefined) return known;
          const executing = executeOnce(group, args, event);
          group.results.set(event, executing);
          return executing;
        },
        leave() {
          if (!isReading) return;
          isReading = false;
          group.readers -= 1;
          if (group.readers === 0 && groups.get(key) === group) groups.delete(key);
        },
      };
    },
  };
}
