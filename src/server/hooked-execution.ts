import { execute, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { soon, type Soon } from '../services/platform/soon.ts';

type OnExecute = NonNullable<Plugin['onExecute']>;
type HookPayload = Parameters<OnExecute>[0];
type Hooked = Exclude<Awaited<ReturnType<OnExecute>>, void>;
type DonePayload = Parameters<NonNullable<Hooked['onExecuteDone']>>[0];

type Execute = (args: ExecutionArgs) => Soon<ExecutionResult>;

/**
 * Executes operations inside of the `onExecute` hooks of the plugins, in their order and as envelop does,
 * for an operation that has one result. Envelop asks for a dozen closures and promises a hook, which is
 * most of the time of a small operation: here nothing is waited for but what is a promise.
 */
export function createHookedExecution(plugins: readonly Plugin[]): Execute {
  const hooks = plugins.flatMap(({ onExecute }) => onExecute ?? []);
  return (args) => {
    let result: ExecutionResult | undefined;
    const after: Hooked[] = [];
    const payload = {
      args,
      context: args.contextValue,
      executeFn: execute,
      setExecuteFn(executeFn: Execute) {
        payload.executeFn = executeFn;
      },
      setResultAndStopExecution(given: ExecutionResult) {
        result = given;
      },
    };
    const done = (given: ExecutionResult): Soon<ExecutionResult> => {
      let last = given;
      const told = inTurn(after, ({ onExecuteDone }) =>
        onExecuteDone?.({
          args,
          result: last,
          setResult: (next: ExecutionResult) => void (last = next),
        } as unknown as DonePayload),
      );
      return soon(told, () => last);
    };
    const begun = inTurn(hooks, (onExecute) => {
      if (result) return undefined;
      return soon(onExecute(payload as unknown as HookPayload), (hooked) => {
        if (hooked) after.push(hooked);
      });
    });
    return soon(begun, () => soon(result ?? payload.executeFn(args), done));
  };
}

/** Calls with one after the other, and waits for those that answer with a promise. */
function inTurn<Item>(items: readonly Item[], call: (item: Item) => unknown): Soon<undefined> {
  let called = 0;
  for (const item of items) {
    const answer = call(item);
    called += 1;
    if (answer instanceof Promise) {
      const others = items.slice(called);
      return answer.then(() => inTurn(others, call));
    }
  }
  return undefined;
}
