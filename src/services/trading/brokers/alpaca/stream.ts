import { WebSocket, type RawData } from 'ws';
import { BrokerRefused, BrokerUnreachable } from '../errors.ts';
import { parseLosslessJson } from '../lossless-json.ts';
import { newsOf } from './mapper.ts';
import { alpacaAuthorization, alpacaMessage, alpacaUpdate } from './parser.ts';
import type { Timers } from '../../../platform/timers.ts';
import type { BrokerListener } from '../broker.ts';
import type { AlpacaHosts, AlpacaKeys } from './client.ts';

export interface AlpacaStreamPorts {
  readonly hosts: Pick<AlpacaHosts, 'stream'>;
  readonly keys: AlpacaKeys;
  readonly timers: Timers;
  /** Before the first try after a break; doubled with each that fails, up to half a minute. */
  readonly reconnectMs?: number;
  /** A connection that does not answer a ping within this is taken for dead. */
  readonly pingMs?: number;
}

const RECONNECT_MS = 500;
const RECONNECT_MAX_MS = 30_000;
const PING_MS = 10_000;
const MESSAGE_MAX_BYTES = 1_048_576;

/**
 * Listens to `trade_updates` and connects again whenever it breaks. Frames come as binary or as
 * text, by the host. What was missed in a gap is not told again: `onConnected` is the time to ask.
 */
export function followAlpaca(ports: AlpacaStreamPorts, listener: BrokerListener): () => void {
  const { hosts, keys, timers, reconnectMs = RECONNECT_MS, pingMs = PING_MS } = ports;
  let failures = 0;
  let isEnded = false;
  let stopWaiting = (): void => undefined;
  let socket: WebSocket | undefined;

  const connect = (): void => {
    const own = new WebSocket(hosts.stream, {
      maxPayload: MESSAGE_MAX_BYTES,
      handshakeTimeout: pingMs,
      followRedirects: false,
    });
    socket = own;
    let isAlive = true;
    const stopPings = timers.every(pingMs, () => {
      if (!isAlive) own.terminate();
      isAlive = false;
      if (own.readyState === own.OPEN) own.ping();
    });
    own.on('pong', () => (isAlive = true));
    own.on('open', () => {
      own.send(JSON.stringify({ action: 'auth', key: keys.keyId, secret: keys.secret }));
    });
    own.on('message', (data) => {
      isAlive = true;
      try {
        hear(data);
      } catch (error) {
        // What is not understood may be news: begin again, and ask for all of it.
        listener.onTrouble(error);
        own.terminate();
      }
    });
    own.on('error', (cause) => {
      if (!isEnded) listener.onTrouble(new BrokerUnreachable('The stream failed.', { cause }));
    });
    own.on('close', () => {
      stopPings();
      if (isEnded) return;
      const delayMs = Math.min(reconnectMs * 2 ** failures, RECONNECT_MAX_MS);
      failures += 1;
      stopWaiting = timers.after(delayMs, connect);
    });
  };

  const hear = (raw: RawData): void => {
    const { stream, data } = alpacaMessage.parse(parseLosslessJson(textOf(raw)));
    switch (stream) {
      case 'authorization': {
        assertAuthorized(data);
        socket?.send(JSON.stringify({ action: 'listen', data: { streams: ['trade_updates'] } }));
        return;
      }
      case 'listening':
        failures = 0;
        listener.onConnected();
        return;
      case 'trade_updates':
        listener.onNews(newsOf(alpacaUpdate.parse(data)));
        return;
      default: // Others were not asked for.
    }
  };

  connect();
  return () => {
    isEnded = true;
    stopWaiting();
    socket?.terminate();
  };
}

function assertAuthorized(data: unknown): void {
  const { status } = alpacaAuthorization.parse(data);
  if (status === 'authorized') return;
  throw new BrokerRefused('UNAUTHORIZED', 'Alpaca knows no such key.');
}

function textOf(raw: RawData): string {
  if (Array.isArray(raw)) return Buffer.concat(raw).toString('utf8');
  return Buffer.from(raw as ArrayBuffer).toString('utf8');
}
