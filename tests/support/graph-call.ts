import { createGraphServer } from '../../src/server/graph-server.ts';
import { buildSchema } from '../../src/resolvers/index.ts';
import type { TestApp } from './app.ts';

export interface GraphAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly path?: readonly (string | number)[];
      readonly extensions?: Readonly<Record<string, unknown>>;
    }[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  };
}

export interface CallOptions {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The graph of a test's app through `fetch`, without a port. */
export function openGraph(
  { app, config }: Pick<TestApp, 'app' | 'config'>,
  schema = buildSchema(),
) {
  const { yoga } = createGraphServer({ app, config, schema });
  const send = (init: RequestInit, path = '/graphql') =>
    Promise.resolve(yoga.fetch(`http://localhost${path}`, init));

  return {
    send,
    /** The answer as it is, errors included. */
    async ask(
      query: string,
      { variables, token, headers }: CallOptions = {},
    ): Promise<GraphAnswer> {
      const response = await send({
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: JSON.stringify({ query, variables }),
      });
      const body = (await response.json()) as GraphAnswer['body'];
      return { status: response.status, headers: response.headers, body };
    },
    /** The data; fails the test when there are errors. */
    async data<Data>(query: string, options: CallOptions = {}): Promise<Data> {
      const { body } = await this.ask(query, options);
      if (body.errors) throw new Error(JSON.stringify(body.errors));
      return body.data as Data;
    },
  };
}
