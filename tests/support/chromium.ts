import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';

const PATH = '/usr/bin/chromium';
const COMMAND = 'apt-get update && apt-get install -y --no-install-recommends chromium';
const HEARTBEAT_MS = 5_000;

/**
 * Opens Chromium with nothing of any person in it: that of CHROMIUM_PATH, or Debian's, which is
 * installed where that is allowed (as root, with apt-get). Throws with the one command to type where
 * there is none.
 */
export async function openChromium(): Promise<{ browser: Browser; context: BrowserContext }> {
  const executablePath = await findChromium();
  const browser = await chromium.launch({
    executablePath,
    // A folder of its own, which Playwright removes; nothing in it is anyone's.
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
  return { browser, context };
}

async function findChromium(): Promise<string> {
  const given = process.env['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') {
    if (existsSync(given)) return given;
    throw new Error(`CHROMIUM_PATH: there is no ${given}.`);
  }
  if (existsSync(PATH)) return PATH;
  const isAllowed = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  const failure = isAllowed ? await install() : '';
  if (existsSync(PATH)) return PATH;
  throw new Error(
    `This test needs Chromium. Type: sudo sh -c "${COMMAND}" (or set CHROMIUM_PATH).${failure}`,
  );
}

/** Says what it does, and every few seconds that it still does. Answers with why it failed, if it did. */
function install(): Promise<string> {
  const startedMs = performance.now();
  const tell = () => {
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    process.stderr.write(`Installing Chromium with apt-get ... ${String(seconds)} s\n`);
  };
  tell();
  const heartbeat = setInterval(tell, HEARTBEAT_MS);
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', COMMAND], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('error', ({ message }) => {
      clearInterval(heartbeat);
      resolve(`\n${message}`);
    });
    child.once('close', (code) => {
      clearInterval(heartbeat);
      resolve(code === 0 ? '' : `\n${errors.trim().split('\n').slice(-5).join('\n')}`);
    });
  });
}
