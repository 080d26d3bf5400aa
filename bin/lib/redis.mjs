import { environmentOfMachine, findCommand } from './places.mjs';
import { runStep } from './run-step.mjs';

const SERVER = 'redis-server';
const BY_HAND = {
  linux: 'sudo apt-get update && sudo apt-get install -y redis-server',
  darwin: 'brew install redis',
};

/**
 * Finds the Redis that tests need: a `redis-server` to start, which is installed where that is
 * allowed (as root, with apt-get), or the server of REDIS_URL.
 * @throws Error with the one command to type where there is neither
 */
export async function ensureRedis() {
  if (findCommand(SERVER)) return;
  const isAllowed = process.getuid?.() === 0 && findCommand('apt-get');
  if (isAllowed) await install();
  if (findCommand(SERVER) || process.env.REDIS_URL) return;
  const command = BY_HAND[process.platform];
  throw new Error(
    command
      ? `The tests need Redis, and there is no ${SERVER}. Type: ${command}`
      : `The tests need Redis. Set REDIS_URL to one that may be emptied.`,
  );
}

async function install() {
  const environment = environmentOfMachine({ DEBIAN_FRONTEND: 'noninteractive' });
  const step = (title, args) => runStep({ title, command: 'apt-get', args, environment });
  try {
    await step('Installing redis-server: apt-get update', ['update']);
    const args = ['install', '-y', '--no-install-recommends', SERVER];
    await step('Installing redis-server: apt-get install', args);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
  }
}
