import WebSocket from 'ws';
import type { AttackHouse } from './house.ts';

export interface SocketMessage {
  readonly id?: string;
  readonly type?: string;
  readonly payload?: unknown;
}

export interface Opening {
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocol?: string;
}

const WAIT_MS = 10_000;

/** A socket that says whatever it is told to. */
export async function openSocket({ port }: Pick<AttackHouse, 'port'>, opening: Opening = {}) {
  const { from, headers, protocol = 'graphql-transport-ws' } = opening;
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/graphql`, protocol, {
    ...(from !== undefined && { localAddress: from }),
    ...(headers && { headers }),
  });
  socket.on('error', () => undefined);
  const messages: SocketMessage[] = [];
  let wake = (): void => undefined;
  let code: number | undefined;
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString('utf8')) as SocketMessage);
    wake();
  });
  const closed = new Promise<number>((resolve) => {
    socket.once('close', (given) => {
      code = given;
      resolve(given);
      wake();
    });
  });
  const outcome = await new Promise<'open' | number>((resolve) => {
    socket.once('open', () => {
      resolve('open');
    });
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
    });
    socket.once('error', () => {
      resolve(0);
    });
  });

  return {
    /** `open`, or the status of the answer that it got instead. */
    outcome,
    raw: socket,
    /** The code that it was closed with; throws when it is not closed in time. */
    closed: () => inTime(closed),
    send(message: SocketMessage): void {
      socket.send(JSON.stringify(message));
    },
    /** The next message, or `closed` with the code. */
    async next(): Promise<SocketMessage> {
      while (messages.length === 0 && code === undefined) {
        await inTime(new Promise<void>((resolve) => (wake = resolve)));
      }
      return messages.shift() ?? { type: `closed ${String(code)}` };
    },
    async init(accessToken?: string): Promise<void> {
      const payload = accessToken === undefined ? {} : { payload: { accessToken } };
      this.send({ type: 'connection_init', ...payload });
      const { type } = await this.next();
      if (type !== 'connection_ack') throw new Error(`The socket said ${String(type)}.`);
    },
    subscribe(query: string, id = '1', variables: object = {}): void {
      this.send({ id, type: 'subscribe', payload: { query, variables } });
    },
    end(): void {
      socket.terminate();
    },
  };
}

function inTime<Result>(promise: Promise<Result>): Promise<Result> {
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => {
      reject(new Error('Nothing came.'));
    }, WAIT_MS).unref();
  });
  return Promise.race([promise, late]);
}
