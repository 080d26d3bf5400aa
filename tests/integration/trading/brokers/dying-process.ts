import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { OpenBrokerPorts } from '../../../../src/services/trading/brokers/open-broker.ts';

/** What a process of its own is told to place: 10 at 150. */
export interface Placing {
  readonly serverUrl: string;
  readonly workerUrl: string;
  readonly nowMs: number;
  readonly userId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly keys: { readonly keyId: string; readonly secret: string };
  readonly venue: Pick<OpenBrokerPorts, 'alpacaHosts' | 'ccxtUrls'>;
}

const PROGRAM = path.join(import.meta.dirname, 'place-and-die.ts');

/** Lets a process place an order, and kills it with SIGKILL once `isTime` resolves. */
export async function placeAndDie(placing: Placing, isTime: () => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(placing)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  try {
    await isTime();
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  if (child.signalCode !== 'SIGKILL') throw new Error(`It ended by itself:\n${output}`);
}
