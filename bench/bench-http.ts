import { Agent, request } from 'node:http';

/** One client that keeps its connection, as cheap as may be: it shares the machine with the server. */
export interface BenchClient {
  /** Posts an operation and gives the answer's body. Throws unless it is 200 and without errors. */
  ask(body: string, token?: string): Promise<string>;
  close(): void;
}

export function createBenchClient(url: string): BenchClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    ask: (body, token) =>
      new Promise((resolve, reject) => {
        const sent = request(
          url,
          {
            agent,
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
              ...(token !== undefined && { authorization: `Bearer ${token}` }),
            },
          },
          (response) => {
            const parts: Buffer[] = [];
            response.on('data', (part: Buffer) => parts.push(part));
            response.on('error', reject);
            response.on('end', () => {
              const text = Buffer.concat(parts).toString();
              if (response.statusCode === 200 && !text.includes('"errors"')) resolve(text);
              else reject(new Error(`${String(response.statusCode)}: ${text.slice(0, 500)}`));
            });
          },
        );
        sent.on('error', reject);
        sent.end(body);
      }),
    close: () => {
      agent.destroy();
    },
  };
}
