import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { findFreePort } from '../../src/services/platform/embedded/free-port.ts';

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

/** Between being found free and being taken, a port may become another program's. */
const PORTS_TRIED_MAX = 5;

/** Starts a `redis-server` on a free port. Fails when there is none. */
export async function startRedisServer(): Promise<RedisServer> {
  for (let tried = 1; ; tried += 1) {
    const redis = redisServerAt(await findFreePort());
    try {
      await redis.start();
      return redis;
    } catch (error) {
      if (tried === PORTS_TRIED_MAX) throw error;
    }
  }
}

function redisServerAt(port: number): RedisServer {
  let server: ChildProcess | undefined;
  return {
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
  const server = spawn(PROGRAM, options, { stdio: ['ignore', 'pipe', 'ignore'] });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let output = '';
  server.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    // Its own word: whoever answers at the port might be another program.
    if (output.includes('Ready to accept connections')) resolve(undefined);
  });
  server.once('error', (error) => {
    const advice = 'These tests need Redis: set REDIS_URL or run "apt-get install redis-server".';
    reject(new Error(advice, { cause: error }));
  });
  server.once('exit', (code) => {
    reject(new Error(`redis-server ended with code ${String(code)}.\n${output}`));
  });
  await promise;
  return server;
}
