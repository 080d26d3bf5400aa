import { GraphQLError, type ExecutionResult } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { SharedResult } from '../../../src/server/shared-results.ts';
import { createLiveResults, type Deliver } from '../../../src/server/live-results.ts';

interface Event {
  readonly name: string;
}

/** A stream over these events; those named `alone` are not shared, nor is `wrong`, which fails. */
function openStream(names: readonly string[], deliver?: Deliver, confirm = () => undefined) {
  const events: Event[] = names.map((name) => ({ name }));
  const left: string[] = [];
  const ended = Promise.withResolvers<IteratorResult<object, undefined>>();
  const source: AsyncIterator<object, undefined> = {
    next: async () => {
      const value = events.shift();
      return value ? { done: false, value } : ended.promise;
    },
    async return() {
      left.push('source');
      ended.resolve({ done: true, value: undefined });
      return { done: true, value: undefined };
    },
  };
  const sharedOf = ({ name }: Event): SharedResult | null =>
    name === 'alone' || name === 'wrong'
      ? null
      : { result: { data: { name } }, payload: Buffer.from(`{"${name}"}`) };
  const stream = createLiveResults({
    source,
    reader: {
      resultOf: (event) => sharedOf(event as Event),
      leave: () => void left.push('reader'),
    },
    deliver,
    confirm,
    present: (result, event) => ({ ...result, extensions: { of: (event as Event).name } }),
    executeAlone: (event) =>
      (event as Event).name === 'wrong'
        ? { errors: [new GraphQLError('It failed.')] }
        : Promise.resolve({ data: { alone: true } }),
    onDelivered: () => void left.push('counted'),
  });
  return {
    stream,
    left,
    finish: () => {
      ended.resolve({ done: true, value: undefined });
    },
  };
}

describe('the results of a subscription', () => {
  test('are written in order with those that failed, which are given to be masked', async () => {
    const written: string[] = [];
    const { stream, finish } = openStream(['a', 'alone', 'wrong', 'c'], (payload) => {
      written.push(payload.toString());
      return undefined;
    });
    const { value: given } = (await stream.next()) as IteratorYieldResult<ExecutionResult>;
    expect(given.errors?.[0]?.message).toBe('It failed.');
    expect(written).toEqual(['{"a"}', '{"data":{"alone":true}}']);
    const last = stream.next();
    finish();
    expect(await last).toEqual({ done: true, value: undefined });
    expect(written).toEqual(['{"a"}', '{"data":{"alone":true}}', '{"c"}']);
  });

  test('of one who shares nothing are written too', async () => {
    const written: string[] = [];
    const events = [{ id: 1 }, { id: 2 }];
    const stream = createLiveResults({
      source: {
        next: async () => {
          const value = events.shift();
          return value ? { done: false, value } : { done: true, value: undefined };
        },
      },
      reader: undefined,
      deliver: (payload) => void written.push(payload.toString()),
      confirm: () => undefined,
      present: (result) => result,
      executeAlone: (event) => ({ data: event as { readonly id: number } }),
      onDelivered: () => undefined,
    });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(written).toEqual(['{"data":{"id":1}}', '{"data":{"id":2}}']);
  });

  test('wait for a reader who is behind', async () => {
    const written: string[] = [];
    const drained = Promise.withResolvers<undefined>();
    const { stream, finish } = openStream(['a', 'b'], (payload) => {
      written.push(payload.toString());
      return payload.toString() === '{"a"}' ? drained.promise : undefined;
    });
    const end = stream.next();
    await new Promise(setImmediate);
    expect(written).toEqual(['{"a"}']);
    drained.resolve(undefined);
    finish();
    await end;
    expect(written).toEqual(['{"a"}', '{"b"}']);
  });

  test('are given each by itself where nothing can be written', async () => {
    const { stream } = openStream(['a', 'b']);
    const results: ExecutionResult[] = [];
    for (let count = 0; count < 2; count += 1) {
      const read = await stream.next();
      results.push(read.value as ExecutionResult);
    }
    expect(results).toEqual([
      { data: { name: 'a' }, extensions: { of: 'a' } },
      { data: { name: 'b' }, extensions: { of: 'b' } },
    ]);
  });

  test('end before the next event of a caller who may read no more', async () => {
    const written: string[] = [];
    const { stream, left } = openStream(
      ['a', 'b'],
      (payload) => {
        written.push(payload.toString());
        return undefined;
      },
      () => {
        if (written.length === 1) throw new Error('The access token has expired.');
      },
    );
    await expect(stream.next()).rejects.toThrow('expired');
    expect(written).toEqual(['{"a"}']);
    expect(left).toEqual(['counted', 'reader', 'source']);
  });

  test('are not written after their reader has left', async () => {
    const written: string[] = [];
    const drained = Promise.withResolvers<undefined>();
    const { stream } = openStream(['a', 'b'], (payload) => {
      written.push(payload.toString());
      return drained.promise;
    });
    const next = stream.next();
    await new Promise(setImmediate);
    await stream.return?.();
    drained.resolve(undefined);
    expect(await next).toEqual({ done: true, value: undefined });
    expect(written).toEqual(['{"a"}']);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test('are not written to one who left while the result was made for all', async () => {
    const written: string[] = [];
    const made = Promise.withResolvers<SharedResult>();
    let isRead = false;
    const stream = createLiveResults({
      source: {
        next: async () => {
          if (isRead) return new Promise(() => undefined);
          isRead = true;
          return { done: false, value: { name: 'a' } };
        },
      },
      reader: { resultOf: () => made.promise, leave: () => undefined },
      deliver: (payload) => {
        written.push(payload.toString());
        return undefined;
      },
      confirm: () => undefined,
      present: (result) => result,
      executeAlone: async () => ({ data: null }),
      onDelivered: () => void written.push('counted'),
    });
    const next = stream.next();
    await new Promise(setImmediate);
    await stream.return?.();
    made.resolve({ result: { data: {} }, payload: Buffer.from('{}') });
    expect(await next).toEqual({ done: true, value: undefined });
    expect(written).toEqual([]);
  });
});

describe('a result of one’s own', () => {
  test('is not written when it comes after its reader has left', async () => {
    const written: string[] = [];
    const own = Promise.withResolvers<ExecutionResult>();
    const stream = createLiveResults({
      source: { next: () => Promise.resolve({ done: false, value: {} }) },
      reader: undefined,
      deliver: (payload) => void written.push(payload.toString()),
      confirm: () => undefined,
      present: (result) => result,
      executeAlone: () => own.promise,
      onDelivered: () => undefined,
    });
    const last = stream.next();
    await new Promise(setImmediate);
    await stream.return?.();
    own.resolve({ data: { late: true } });
    expect(await last).toEqual({ done: true, value: undefined });
    expect(written).toEqual([]);
  });

  test('made of a shared one leaves that as it is', async () => {
    const result = { data: { shared: true } };
    const stream = createLiveResults({
      source: { next: () => Promise.resolve({ done: false, value: {} }) },
      reader: { resultOf: () => ({ result, payload: Buffer.from('') }), leave: () => undefined },
      deliver: undefined,
      confirm: () => undefined,
      present: (given) => Object.assign(given, { extensions: { of: 'one reader' } }),
      executeAlone: () => ({}),
      onDelivered: () => undefined,
    });
    expect((await stream.next()).value).toHaveProperty('extensions');
    expect(result).toEqual({ data: { shared: true } });
  });
});
