import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { findFreePort } from '../../src/services/platform/embedded/free-port.ts';
import { findPostmaster } from '../../src/services/platform/embedded/postmaster.ts';
import { fleetingPlace } from '../support/fleeting-place.ts';
import { askApi, startProgram } from '../support/started-program.ts';

export const HEALTH = '{ health { status } }';

/** A folder and a port of its own for each test of the file, gone with its PostgreSQL after it. */
export function openStartHouse() {
  const now = { directory: '', port: 0 };
  const postgres = () => findPostmaster(path.join(now.directory, 'postgres'));
  const environment = (more: Record<string, string> = {}) => ({
    DATA_DIRECTORY: now.directory,
    PORT: String(now.port),
    LOG_LEVEL: 'warn',
    ...more,
  });

  beforeEach(async () => {
    now.directory = mkdtempSync(path.join(fleetingPlace(), 'tradegraph-start-'));
    chmodSync(now.directory, 0o755);
    now.port = await findFreePort();
  });

  afterEach(async () => {
    const left = postgres();
    if (left) process.kill(left.processId, 'SIGQUIT');
    await expect.poll(postgres, { timeout: 60_000 }).toBeUndefined();
    rmSync(now.directory, { recursive: true, force: true });
  });

  return {
    now,
    postgres,
    environment,
    start: (more: Record<string, string> = {}, node?: string) =>
      startProgram('bin/start.mjs', environment(more), node),
  };
}

/** A busy machine may need a moment to be found well. */
export const untilHealthy = (url: string) =>
  expect.poll(() => askApi(url, HEALTH), { timeout: 60_000 }).toEqual({ health: { status: 'OK' } });
