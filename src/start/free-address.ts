import { createServer } from 'node:net';
import { ConfigError } from '../services/platform/config/config-error.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Refuses at once what would fail only after the database has started. It opens the door for a moment and
 * closes it: who knocks then, as a proxy does at the port of a server that comes back, is reset.
 * @throws ConfigError that names PORT or HOST when nothing can listen there
 */
export function assertFree({ host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      reject(problemOf(error, { host, port }) ?? error);
    });
    probe.listen({ host, port, exclusive: true }, () => {
      probe.close(() => {
        resolve();
      });
    });
  });
}

/**
 * Listens there, by `listen`.
 * @throws ConfigError that names PORT or HOST when nothing can
 */
export async function listenAt<Server>(
  address: Address,
  listen: () => Promise<Server>,
): Promise<Server> {
  try {
    return await listen();
  } catch (error) {
    throw (error instanceof Error && problemOf(error, address)) || error;
  }
}

function problemOf(error: Error, { host, port }: Address): ConfigError | undefined {
  const code = 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new ConfigError([
        {
          variable: 'PORT',
          fix: `${String(port)} is taken by another program. Stop it, or set PORT to a free one: PORT=${String(port + 1)}`,
        },
      ]);
    case 'EACCES':
      return new ConfigError([
        { variable: 'PORT', fix: `${String(port)} needs more rights. Set PORT to one above 1023.` },
      ]);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigError([
        { variable: 'HOST', fix: `${host} is no address of this machine. Set HOST=127.0.0.1` },
      ]);
    default:
      return undefined;
  }
}
