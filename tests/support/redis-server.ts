import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** From the Redis packages of the system; npm has none. */
const PROGRAM = 'redis-server';

/** A Redis server that whoever started it may stop and start again. */
export interface RedisServer {
  readonly url: string;
  stop(): Promise<void>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
  /** Lets it hang: its connections stay open and nothing is answered, until {@link thaw}. */
  freeze(): void;
  thaw(): void;
}

/** Starts a `redis-server` on a free port. Fails when there is none. */
export async function startRedisServer(): Promise<RedisServer> {
  const port = await findFreePort();
  let server: ChildProcess | undefined;
  const redis: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      server = await spawnServer(port);
    },
    async stop() {
      if (server && server.exitCode === null && server.signalCode === null) {
        const exited = once(server, 'exit');
        server.kill('SIGKILL');
        await exited;
      }
      server = undefined;
    },
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
  };
  await redis.start();
  return redis;
}

async function spawnServer(port: number): Promise<ChildProcess> {
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const server = spawn(PROGRAM, options, { stdio: 'ignore' });
  const failure = new Promise<never>((_resolve, reject) => {
    server.once('error', (error) => {
      const advice = 'These tests need Redis: set REDIS_URL or run "apt-get install redis-server".';
      reject(new Error(advice, { cause: error }));
    });
    server.once('exit', (code) => {
      reject(new Error(`redis-server ended with code ${String(code)}.`));
    });
  });
  failure.catch(() => undefined);
  await Promise.race([failure, waitUntilOpen(port)]);
  return server;
}

async function waitUntilOpen(port: number): Promise<void> {
  const ATTEMPTS_MAX = 200;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (await isOpen(port)) return;
    await delay(25);
  }
  throw new Error('redis-server did not open its port.');
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    const answer = (open: boolean) => () => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', answer(true)).once('error', answer(false));
  });
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  probe.close();
  await once(probe, 'close');
  return address.port;
}
