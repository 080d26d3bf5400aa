import { describe, expect, test } from 'vitest';
import { parseRedisAddress } from '../../../src/services/platform/redis-address.ts';

const server = { kind: 'server', isEncrypted: false } as const;

describe('the address of a Redis', () => {
  test.each([
    ['redis://cache', { ...server, hosts: [{ host: 'cache', port: 6379 }] }],
    ['redis://cache:7000/3', { ...server, hosts: [{ host: 'cache', port: 7000 }], database: 3 }],
    [
      'rediss://ada:p%40ss@[::1]:6380',
      {
        ...{ kind: 'server', isEncrypted: true, hosts: [{ host: '::1', port: 6380 }] },
        ...{ username: 'ada', password: 'p@ss' },
      },
    ],
    [
      'redis-cluster://:secret@a:7000,b',
      {
        ...{ kind: 'cluster', isEncrypted: false, password: 'secret' },
        hosts: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 6379 },
        ],
      },
    ],
    [
      'rediss-sentinel://a,b:26380/my-master',
      {
        ...{ kind: 'sentinel', isEncrypted: true, master: 'my-master' },
        hosts: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 26_380 },
        ],
      },
    ],
  ])('is read from %s', (text, expected) => {
    expect(parseRedisAddress(text)).toEqual(expected);
  });

  test.each([
    ['another scheme', 'http://cache'],
    ['no scheme', 'cache:6379'],
    ['no host', 'redis://'],
    ['a blank among the hosts', 'redis-cluster://a,,b'],
    ['two hosts of one server', 'redis://a,b'],
    ['a port that is none', 'redis://cache:65536'],
    ['a database that is no number', 'redis://cache/main'],
    ['a database of a cluster', 'redis-cluster://a/1'],
    ['sentinels without a master', 'redis-sentinel://a'],
    ['credentials that are badly encoded', 'redis://:%zz@cache'],
  ])('is not read with %s', (_name, text) => {
    expect(parseRedisAddress(text)).toBeUndefined();
  });
});
