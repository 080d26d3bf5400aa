import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { System } from '../../../bench/read-systems.ts';
import { load } from '../../../bench/read-rounds.ts';
import { verify } from '../../../bench/read-verify.ts';

const READER = { token: 'token', userId: 'user', accountId: 'account', orderId: 'order' };
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(endings.splice(0).map((end) => end()));
});

/** A server that gives the answers in their order, and the last one again and again. */
async function systemWith(name: string, ...answers: readonly string[]): Promise<System> {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? '';
      asked += 1;
      response.writeHead(200, { 'content-length': Buffer.byteLength(answer) }).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  return {
    name,
    process: {
      url: `http://127.0.0.1:${port}/graphql`,
      processId: process.pid,
      cpuMs: () => Promise.resolve(0),
      stop: () => Promise.resolve(),
    },
    cluster: { ownerUrl: '', folder: '', close: () => Promise.resolve() },
  };
}

describe('answers that are measured', () => {
  it('are compared as data, whatever the order of the keys', async () => {
    const floor = await systemWith('floor', '{"data":{"a":1,"b":[2]}}');
    const ours = await systemWith('ours', '{"data":{"b":[2],"a":1},"extensions":{"cost":1}}');
    const requests = await verify([floor, ours], [READER], ['trivial']);
    expect(requests.get(ours)?.get('trivial')).toHaveLength(1);
  });

  it('are refused when one says something else', async () => {
    const floor = await systemWith('floor', '{"data":{"a":1}}');
    const ours = await systemWith('ours', '{"data":{"a":2}}');
    await expect(verify([floor, ours], [READER], ['trivial'])).rejects.toThrow(
      'The answers are not the same: trivial of ours.',
    );
  });

  it('are refused under load when they are longer or shorter than they were', async () => {
    const floor = await systemWith('floor', '{"data":{"a":"as long as it was"}}', '{"data":{}}');
    const requests = await verify([floor], [READER], ['trivial']);
    const [system] = [...requests.keys()];
    const asked = requests.get(floor)?.get('trivial') ?? [];
    expect(system).toBe(floor);
    await expect(load(floor, { requests: asked, connections: 1, seconds: 5 })).rejects.toThrow(
      'Not what was asked for',
    );
  });
});
