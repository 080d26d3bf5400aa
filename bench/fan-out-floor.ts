import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { symbolOf, type FanOutServer } from './fan-out-messages.ts';

/** A quote as a subscriber gets it. */
export const quote = (symbol: number, stamp: number) => ({
  ...{ symbol: symbolOf(symbol), bid: '101.37', ask: '101.41', last: '101.38' },
  ...{
    bidSize: String(stamp),
    askSize: '1200',
    time: new Date(stamp / 1_000),
    source: 'SIMULATED',
  },
});

export const balance = (account: number, stamp: number) => ({
  cursor: 'AQAAAAAAAAAB',
  occurredAt: new Date(stamp / 1_000),
  account: {
    ...{ id: `account-${account}-0123456789abcdef0123456789ab`, name: 'Account 1' },
    ...{ cash: String(stamp), buyingPower: '9500.25' },
  },
});

/** How many messages to all may be on their way: the floor knows when it is full. */
const ROUNDS_MAX = 4;

/** Plain `ws`, which sends one ready string to everyone; or one of an account's own to its reader. */
export async function startWsFloor(): Promise<FanOutServer> {
  const server = new WebSocketServer({ port: 0 });
  const sockets: WebSocket[] = [];
  const byAccount = new Map<number, WebSocket>();
  let sending = 0;
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as {
        type: string;
        payload?: { variables?: { id?: string } };
      };
      if (message.type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (message.type !== 'subscribe') return;
      sockets.push(socket);
      const { id } = message.payload?.variables ?? {};
      if (id !== undefined) byAccount.set(Number(id), socket);
    });
    socket.on('close', () => {
      sockets.splice(sockets.indexOf(socket), 1);
    });
  });
  const sent = (): void => {
    sending -= 1;
  };
  const messageOf = (data: object) =>
    JSON.stringify({ id: '01234567-89ab-cdef-0123-456789abcdef', type: 'next', payload: { data } });
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    tellQuote(symbol, stamp) {
      const { bidSize, ...rest } = quote(symbol, stamp);
      const text = messageOf({ quotes: { ...rest, stamp: bidSize } });
      sending += sockets.length;
      for (const socket of sockets) socket.send(text, sent);
    },
    tellBalance(account, stamp) {
      const { account: about, ...rest } = balance(account, stamp);
      const { cash, ...fields } = about;
      const socket = byAccount.get(account);
      if (!socket) return;
      sending += 1;
      socket.send(
        messageOf({ balanceChanged: { ...rest, account: { ...fields, stamp: cash } } }),
        sent,
      );
    },
    isFree: () => sending < sockets.length * ROUNDS_MAX,
  };
}
