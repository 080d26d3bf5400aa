import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';

/** One address before several servers, as a balancer of TCP is, which can cut connections. */
export interface BalancingProxy {
  readonly url: string;
  /** Connections go to these from now on, in turns; one that takes none is passed over. */
  setTargets(urls: readonly string[]): void;
  /** Resets connections for which `isChosen` answers true. Answers how many. */
  cut(isChosen: () => boolean): number;
  close(): Promise<void>;
}

export async function openBalancingProxy(): Promise<BalancingProxy> {
  const links = new Set<readonly [Socket, Socket]>();
  let ports: number[] = [];
  let turn = 0;

  const connect = async (): Promise<Socket | undefined> => {
    for (let attempt = 0; attempt < ports.length; attempt += 1) {
      turn += 1;
      const far = createConnection(ports[turn % ports.length] ?? 0, '127.0.0.1');
      const isOpen = await new Promise<boolean>((resolve) => {
        far.once('connect', () => resolve(true)).once('error', () => resolve(false));
      });
      if (isOpen) return far;
    }
    return undefined;
  };
  const join = async (near: Socket): Promise<void> => {
    near.on('error', () => undefined);
    const far = await connect();
    if (!far) {
      near.destroy();
      return;
    }
    const link = [near, far] as const;
    links.add(link);
    for (const [socket, other] of [link, [far, near] as const]) {
      // Resets are what this is for.
      socket.on('error', () => undefined);
      socket.pipe(other);
      socket.once('close', () => {
        links.delete(link);
        other.destroy();
      });
    }
  };
  const server = createServer((near) => void join(near)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  const cut = (isChosen: () => boolean): number => {
    let count = 0;
    for (const [near, far] of links) {
      if (!isChosen()) continue;
      count += 1;
      near.resetAndDestroy();
      far.destroy();
    }
    return count;
  };
  return {
    url: `http://127.0.0.1:${String(address.port)}/graphql`,
    setTargets(urls) {
      ports = urls.map((url) => Number(new URL(url).port));
    },
    cut,
    async close() {
      server.close();
      cut(() => true);
      await once(server, 'close');
    },
  };
}
