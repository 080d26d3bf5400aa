import { buildSchema, parse, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { expect, test } from 'vitest';
import { createHookedExecution } from '../../../src/server/hooked-execution.ts';

const args: ExecutionArgs = {
  schema: buildSchema('type Query { name: String }'),
  document: parse('{ name }'),
  rootValue: { name: 'Ada' },
  contextValue: {},
};

/** A plugin that tells when it is called, and can make its hook wait. */
function telling(calls: string[], name: string, wait?: Promise<undefined>): Plugin {
  const hooked = {
    onExecuteDone({ result }: { readonly result: unknown }) {
      calls.push(`${name} after ${Object.keys(result as ExecutionResult).join()}`);
    },
  };
  return {
    onExecute() {
      calls.push(name);
      return wait ? wait.then(() => hooked) : hooked;
    },
  };
}

test('what waits for nothing has its result at once', () => {
  const calls: string[] = [];
  const execute = createHookedExecution([telling(calls, 'a'), {}, telling(calls, 'b')]);
  expect(execute(args)).toEqual({ data: { name: 'Ada' } });
  expect(calls).toEqual(['a', 'b', 'a after data', 'b after data']);
});

test('a hook that waits keeps those behind it waiting', async () => {
  const calls: string[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const plugins = [telling(calls, 'a', promise), telling(calls, 'b')];
  const result = createHookedExecution(plugins)(args);
  expect(calls).toEqual(['a']);
  resolve(undefined);
  expect(await result).toEqual({ data: { name: 'Ada' } });
  expect(calls).toEqual(['a', 'b', 'a after data', 'b after data']);
});

test('a hook that has the result is the last, and those before it see the result', () => {
  const calls: string[] = [];
  const stopping: Plugin = {
    onExecute({ setResultAndStopExecution }) {
      setResultAndStopExecution({ data: { name: 'Bob' }, extensions: {} });
    },
  };
  const execute = createHookedExecution([telling(calls, 'a'), stopping, telling(calls, 'b')]);
  expect(execute(args)).toEqual({ data: { name: 'Bob' }, extensions: {} });
  expect(calls).toEqual(['a', 'a after data,extensions']);
});

test('hooks change how it is executed, and each the result of the one before', () => {
  const adding = (letter: string): Plugin => ({
    onExecute: () => ({
      onExecuteDone({ result, setResult }) {
        const { data } = result as ExecutionResult<{ name: string }>;
        setResult({ data: { name: `${data?.name ?? ''}${letter}` } });
      },
    }),
  });
  const replacing: Plugin = {
    onExecute({ executeFn, setExecuteFn }) {
      const executeAsEve = (given: ExecutionArgs): unknown =>
        executeFn({ ...given, rootValue: { name: 'Eve' } });
      setExecuteFn(executeAsEve);
    },
  };
  const execute = createHookedExecution([adding('1'), replacing, adding('2')]);
  expect(execute(args)).toEqual({ data: { name: 'Eve12' } });
});

test('what a hook throws is thrown, or fails as a promise', async () => {
  const refuse = (): never => {
    throw new Error('no');
  };
  const failing: Plugin = { onExecute: refuse };
  expect(() => createHookedExecution([failing])(args)).toThrow('no');
  const late: Plugin = { onExecute: () => Promise.resolve().then(refuse) };
  await expect(createHookedExecution([late])(args)).rejects.toThrow('no');
});

test('who hears of the result and waits is waited for', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const waiting: Plugin = { onExecute: () => ({ onExecuteDone: () => promise }) };
  let isTold = false;
  const result = Promise.resolve(createHookedExecution([waiting])(args)).then((told) => {
    isTold = true;
    return told;
  });
  await new Promise(setImmediate);
  expect(isTold).toBe(false);
  resolve(undefined);
  expect(await result).toEqual({ data: { name: 'Ada' } });
});
