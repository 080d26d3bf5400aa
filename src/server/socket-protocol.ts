import type { ExecutionArgs, GraphQLError, GraphQLSchema } from 'graphql';
import type { OperationResult, Context as SocketState, ServerOptions } from 'graphql-ws';
import type { GraphServer } from './graph-server.ts';
import type { LiveSocket } from './live-socket.ts';
import type { LiveWork } from './live-work.ts';
import { protocolError, withoutHttp } from './protocol-error.ts';
import type { SocketSession } from './socket-session.ts';
import type { SocketWriter } from './socket-writer.ts';

/** Of a message, behind its payload. */
const TAIL = Buffer.from('}');
/** How many operations may run on one socket. */
const OPERATIONS_MAX = 100;

/** What belongs to a socket, besides what the protocol knows of it. */
export interface SocketExtra {
  readonly session: SocketSession;
  readonly socket: LiveSocket;
  readonly writer: SocketWriter;
  /** Its queries and mutations under way. */
  readonly work: LiveWork;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}
type State = SocketState<Record<string, unknown>, SocketExtra>;
/** Of the plugins; graphql-ws hands them back with the arguments. */
type Operations = Record<'execute' | 'subscribe', (args: ExecutionArgs) => OperationResult>;

/** The same checks as over HTTP. Errors are returned: thrown, they would close the whole socket. */
export function protocolOptions({
  yoga,
  maskError,
}: GraphServer): ServerOptions<Record<string, unknown>, SocketExtra> {
  return {
    onConnect: ({ connectionParams, extra }) => extra.session.connect(connectionParams, extra),
    async onSubscribe(state, id, params) {
      if (countOf(state) > OPERATIONS_MAX) return [tooMany()];
      const { socket, session, work, writer } = state.extra;
      const currentCaller = () => session.caller();
      const head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
      const deliver = (payload: Buffer) => writer.offer([head, payload, TAIL]);
      const enveloped = yoga.getEnveloped({ currentCaller, socket, deliver, params } as never);
      const prepare = async () => {
        await session.confirm();
        const schema = enveloped.schema as GraphQLSchema;
        const document = enveloped.parse(params.query) as ExecutionArgs['document'];
        const errors = enveloped.validate(schema, document) as GraphQLError[];
        if (errors.length > 0) return errors.map(withoutHttp);
        const { execute, subscribe } = enveloped as unknown as Operations;
        return {
          schema,
          document,
          operationName: params.operationName,
          variableValues: params.variables,
          contextValue: await enveloped.contextFactory(),
          execute: (args: ExecutionArgs) => work.run(() => execute(args)),
          subscribe,
        };
      };
      try {
        return await work.run(prepare);
      } catch (error) {
        return [withoutHttp(maskError(error))];
      }
    },
    execute: (args) => operationsOf(args).execute(args),
    subscribe: (args) => operationsOf(args).subscribe(args),
    onError: (_state, _id, _payload, errors) =>
      errors.map((error) => withoutHttp(maskError(error)).toJSON()),
    onNext(_state, _id, _payload, _args, { data, errors, extensions }) {
      if (!errors) return undefined;
      return {
        ...(data !== undefined && { data }),
        ...(extensions && { extensions }),
        errors: errors.map((error) => withoutHttp(error).toJSON()),
      };
    },
  };
}

function countOf({ subscriptions }: State): number {
  return Object.keys(subscriptions).length;
}

const operationsOf = (args: ExecutionArgs): Operations => args as unknown as Operations;

function tooMany(): GraphQLError {
  const message = `At most ${OPERATIONS_MAX} operations may run on one socket.`;
  return withoutHttp(protocolError('RATE_LIMITED', message, { retryAfterSeconds: 1 }));
}
