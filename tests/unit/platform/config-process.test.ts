import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../src/services/platform/config/settings.ts';

const parse = (variables: Record<string, string>) =>
  parseSettings({
    ...{ variables, purpose: 'server', rootDirectory: '/project' },
    developmentSecret: () => 'made for development',
  });
const redis = { REDIS_URL: 'redis://localhost:6379' };

describe('a process', () => {
  it('does everything by itself, or HTTP alone beside workers', () => {
    expect(parse({}).process).toEqual({ parts: 'all', workerPort: 4001 });
    expect(parse({ PROCESS_PARTS: 'api', WORKER_PORT: '0', ...redis }).process).toEqual({
      parts: 'api',
      workerPort: 0,
    });
  });

  it('reaches workers over Redis alone', () => {
    expect(() => parse({ PROCESS_PARTS: 'api' })).toThrow(/REDIS_URL is not set.*PROCESS_PARTS/s);
  });

  it('is nothing else', () => {
    expect(() => parse({ PROCESS_PARTS: 'some', ...redis })).toThrow(/PROCESS_PARTS/);
  });
});
