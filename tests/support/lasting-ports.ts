import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below those that systems hand out by themselves, so that nobody takes one while it is free for a while. */
const [FROM, TO] = [20_000, 32_000];
const TRIES_MAX = 200;

/** Ports that stay free, between one program on them and the next. */
export async function findLastingPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tried = 0; tried < TRIES_MAX && ports.size < count; tried += 1) {
    const port = randomInt(FROM, TO);
    if (await isFree(port)) ports.add(port);
  }
  if (ports.size < count) throw new Error('There are no free ports.');
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(false);
    });
    probe.listen(port, () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}
