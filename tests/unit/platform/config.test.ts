import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/services/platform/config/config-error.ts';
import { keyOfSecret } from '../../../src/services/platform/config/token-keys.ts';
import {
  configWith,
  parseSettings,
  type Purpose,
} from '../../../src/services/platform/config/settings.ts';

// not a secret: made up for these tests, and long enough for production's rules.
const SECRET = 'pQ3v9sLx7Zk2Wm8RtY4nBc6HdJf1Ga5e';
const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET: SECRET,
  AUDIT_KEYS: `first:${SECRET}${SECRET}`,
  VAULT_KEYS: `first:${SECRET}${SECRET}`,
  DATABASE_SERVER_URL: 'postgresql://tradegraph_server:one@db:5432/tradegraph',
  DATABASE_WORKER_URL: 'postgresql://tradegraph_worker:two@db:5432/tradegraph',
};

function parse(variables: Record<string, string | undefined>, purpose: Purpose = 'server') {
  return parseSettings({
    variables,
    purpose,
    rootDirectory: '/project',
    developmentSecret: () => 'made for development',
  });
}

function problemsOf(
  variables: Record<string, string | undefined>,
  purpose: Purpose = 'server',
): readonly string[] {
  try {
    parse(variables, purpose);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('development', () => {
  it('needs no variable at all', () => {
    const settings = parse({});
    expect(settings.environment).toBe('development');
    expect(settings.http).toMatchObject({ host: '127.0.0.1', port: 4000, shutdownNoticeMs: 0 });
    expect(settings.database.urls).toBeUndefined();
    expect(settings.redisUrl).toBeUndefined();
    expect(settings.auth).toMatchObject({
      jwtKeys: [keyOfSecret('made for development')],
      accessTokenLifetimeSeconds: 900,
      refreshTokenLifetimeSeconds: 604_800,
      signUpPolicy: 'open',
      defaultRole: 'USER',
      argon2: { memoryKib: 19_456, passes: 2, lanes: 1 },
    });
    expect(settings.limits).toEqual({
      costBudget: { anonymous: 60_000, user: 600_000, premium: 3_000_000, admin: 6_000_000 },
      entry: {
        ...{ logInsPerAddress: 5, signUpsPerAddress: 20, refreshesPerAddress: 300 },
        ...{ linksPerAddress: 20, linksPerEmail: 5 },
      },
      signUpRisks: { perNetwork: 10, perDomain: 50 },
      openStreams: 5_000,
      openStreamsPerAddress: 500,
      openStreamsPerPerson: 200,
      queryDepth: 12,
      queryAliases: 15,
      queryDirectives: 10,
      queryTokens: 1500,
      queryCost: 10_000,
      bodyBytes: 1_048_576,
      ...{ publicAnswersBytes: 33_554_432, webSocketMessageBytes: 65_536 },
      ...{ streamQueueEvents: 1000, streamQueueBytes: 4_194_304 },
    });
    expect(settings.market.simulated?.tickMs).toBe(500);
    expect(settings.dataDirectory).toBe('/project/.data');
    expect(settings.audit).toEqual({
      keys: [{ id: 'development', secret: Buffer.from('made for development') }],
      anchorFile: '/project/.data/audit/anchors.jsonl',
      sealIntervalMs: 5_000,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(parse({ PORT: '', REDIS_URL: '  ' })).toEqual(parse({}));
  });

  it('derives the URLs of both roles from the owner alone', () => {
    const owner = 'postgresql://owner:secret@db:5433/tg?sslmode=disable';
    const one = parse({ DATABASE_URL: owner, JWT_SECRET: SECRET }).database.urls;
    const two = parse({ DATABASE_URL: owner.replace('/tg', '/other') }).database.urls;
    expect(one?.owner).toBe(owner);
    expect(one?.server).toMatch(
      /^postgresql:\/\/tradegraph_server:[0-9a-f]{64}@db:5433\/tg\?sslmode=disable$/,
    );
    expect(one?.worker).toMatch(/^postgresql:\/\/tradegraph_worker:[0-9a-f]{64}@db:5433\/tg\?/);
    // Roles belong to the cluster: another database of it must come to the same passwords.
    expect(two?.server.replace('/other', '/tg')).toBe(one?.server);
    expect(passwordOf(one?.server)).not.toBe(passwordOf(one?.worker));
    const stranger = parse({ DATABASE_URL: owner.replace('secret', 'Secret') }).database.urls;
    expect(passwordOf(stranger?.server)).not.toBe(passwordOf(one?.server));
  });

  it('prefers a URL that is given to a derived one', () => {
    const server = 'postgresql://someone:x@elsewhere:5432/tg';
    const { urls } = parse({
      DATABASE_URL: 'postgresql://owner:secret@db/tg',
      DATABASE_SERVER_URL: server,
    }).database;
    expect(urls?.server).toBe(server);
    expect(urls?.worker).toContain('tradegraph_worker');
  });

  it('keeps the anchors of each database apart', () => {
    const { audit } = parse({ DATABASE_URL: 'postgresql://owner:secret@db:5433/other?x=y' });
    expect(audit.anchorFile).toBe('/project/.data/audit/anchors-other.jsonl');
    const given = parse({ AUDIT_ANCHOR_FILE: '/mnt/elsewhere/anchors' });
    expect(given.audit.anchorFile).toBe('/mnt/elsewhere/anchors');
  });

  it('reads the keys of the audit log, the one that signs first', () => {
    const [one, two] = ['1'.repeat(32), '2'.repeat(33)].map((text) => Buffer.from(text));
    const list = `2026:${String(two?.toString('base64'))}, 2025:${String(one?.toString('base64url'))}`;
    expect(parse({ AUDIT_KEYS: list }).audit.keys).toEqual([
      { id: '2026', secret: two },
      { id: '2025', secret: one },
    ]);
  });

  it('reads the keys of access tokens, the one that signs first and JWT_SECRET last', () => {
    const secret = Buffer.from('1'.repeat(32));
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = privateKey.export({ format: 'der', type: 'pkcs8' });
    const JWT_KEYS = `2026:ed25519:${key.toString('base64')}, 2025:${secret.toString('base64url')}`;
    const keys = [
      { id: '2026', algorithm: 'EdDSA', secret: key },
      { id: '2025', algorithm: 'HS256', secret },
    ];
    expect(parse({ JWT_KEYS }).auth.jwtKeys).toEqual(keys);
    const both = parse({ JWT_KEYS, JWT_SECRET: SECRET }).auth.jwtKeys;
    expect(both).toEqual([...keys, keyOfSecret(SECRET)]);
  });

  it('turns the simulated market off on request', () => {
    expect(parse({ SIMULATED_MARKET: 'false' }).market.simulated).toBeUndefined();
  });
});

describe('a wrong variable', () => {
  it.each([
    ['PORT', 'abc', 'PORT must be a whole number from 0 to 65535, such as 4000.'],
    ['PORT', '70000', 'PORT must be a whole number from 0 to 65535, such as 4000.'],
    ['PORT', '0x50', 'PORT must be a whole number from 0 to 65535, such as 4000.'],
    ['PORT', '-1', 'PORT must be a whole number from 0 to 65535, such as 4000.'],
    ['NODE_ENV', 'prod', 'NODE_ENV must be one of development, test, production.'],
    ['JWT_SECRET', 'short', 'JWT_SECRET is shorter than 32 bytes.'],
    ['JWT_KEYS', `first:${SECRET.slice(0, 31)}`, 'JWT_KEYS must list keys as id:secret'],
    ['JWT_KEYS', `main:${SECRET}${SECRET}`, 'none "main"'],
    ['JWT_KEYS', `a:${SECRET}${SECRET},a:${SECRET}${SECRET}`, 'each id once'],
    ['JWT_KEYS', `a:ed25519:${SECRET}${SECRET}`, 'JWT_KEYS must list keys as id:secret'],
    ['JWT_KEYS', `a:rsa:${SECRET}${SECRET}`, 'JWT_KEYS must list keys as id:secret'],
    ['AUDIT_KEYS', `first:${SECRET.slice(0, 31)}`, 'AUDIT_KEYS must list keys as id:secret'],
    ['AUDIT_KEYS', `${SECRET}${SECRET}`, 'AUDIT_KEYS must list keys as id:secret'],
    ['AUDIT_KEYS', `a:${SECRET}${SECRET},a:${SECRET}${SECRET}`, 'each id once'],
    ['AUDIT_KEYS', `a:${SECRET}${SECRET},`, 'AUDIT_KEYS must list keys as id:secret'],
    ['PUBLIC_MARKET_DATA', 'no', 'PUBLIC_MARKET_DATA must be true or false.'],
    ['SIGN_UP_POLICY', 'OPEN', 'SIGN_UP_POLICY must be one of open, approval, allow-list.'],
    ['DEFAULT_ROLE', 'ADMIN', 'DEFAULT_ROLE must be one of VIEWER, USER.'],
    ['REDIS_URL', 'localhost:6379', 'REDIS_URL must look like redis://host:6379'],
    ['DATABASE_URL', 'mysql://a:b@c/d', 'DATABASE_URL must look like postgresql://'],
    ['DATABASE_URL', 'postgresql://a:b@c', 'DATABASE_URL must look like postgresql://'],
    ['CORS_ALLOWED_ORIGINS', '*', 'CORS_ALLOWED_ORIGINS must list origins such as'],
    ['CORS_ALLOWED_ORIGINS', 'https://a.com/', 'CORS_ALLOWED_ORIGINS must list origins such as'],
  ])('%s=%s is named, with the fix', (variable, value, line) => {
    const problems = problemsOf({ [variable]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(line);
  });

  it('is reported together with the others, one line each', () => {
    const problems = problemsOf({ PORT: 'x', LOG_LEVEL: 'loud', ARGON2_PASSES: '0' });
    expect(problems.map((line) => line.split(' ')[0])).toEqual([
      'LOG_LEVEL',
      'PORT',
      'ARGON2_PASSES',
    ]);
  });

  it('never shows its value, which may be a secret', () => {
    const secret = 'hunter2hunter2';
    const problems = [
      ...problemsOf({ DATABASE_URL: secret, REDIS_URL: secret, PORT: secret }),
      ...problemsOf({ ...PRODUCTION, JWT_SECRET: secret, AUDIT_KEYS: secret, VAULT_KEYS: secret }),
    ];
    expect(problems).toHaveLength(6);
    expect(problems.join()).not.toContain(secret);
  });
});

describe('production', () => {
  it('starts with two URLs and a strong secret, and starts nothing by itself', () => {
    const settings = parse(PRODUCTION);
    expect(settings.http).toMatchObject({ host: '0.0.0.0', shutdownNoticeMs: 2_000 });
    expect(settings.http.corsAllowedOrigins).toEqual([]);
    expect(settings.auth.signUpPolicy).toBe('approval');
    expect(settings.market.simulated).toBeUndefined();
    expect(settings.auth.jwtKeys).toEqual([keyOfSecret(SECRET)]);
  });

  it('keeps the URL of the owner from the server, even when it is set', () => {
    const DATABASE_URL = 'postgresql://owner:three@db:5432/tradegraph';
    expect(parse({ ...PRODUCTION, DATABASE_URL }).database.urls?.owner).toBeUndefined();
    expect(parse({ ...PRODUCTION, DATABASE_URL }, 'operator').database.urls?.owner).toBe(
      DATABASE_URL,
    );
  });

  it('names everything that is missing', () => {
    const problems = problemsOf({ NODE_ENV: 'production' });
    expect(problems.map((line) => line.split(' ')[0])).toEqual([
      'JWT_SECRET',
      'AUDIT_KEYS',
      'VAULT_KEYS',
      'DATABASE_SERVER_URL',
      'DATABASE_WORKER_URL',
    ]);
  });

  it('names what is missing together with what is wrong', () => {
    const problems = problemsOf({ NODE_ENV: 'production', PORT: 'x', JWT_SECRET: 'short' });
    expect(problems.map((line) => line.split(' ')[0])).toEqual([
      'PORT',
      'JWT_SECRET',
      'AUDIT_KEYS',
      'VAULT_KEYS',
      'DATABASE_SERVER_URL',
      'DATABASE_WORKER_URL',
    ]);
  });

  it('asks an operator for the URL of the owner alone', () => {
    const problems = problemsOf({ NODE_ENV: 'production' }, 'operator');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('DATABASE_URL is not set');
  });

  it.each([
    ['a placeholder', `CHANGE_ME_${SECRET}`, 'placeholder'],
    ['a placeholder in lower case', `please-change-me-${SECRET}`, 'placeholder'],
    ['31 bytes', SECRET.slice(0, 31), 'shorter than 32 bytes'],
    ['one letter, repeated', 'x'.repeat(64), 'repeats'],
  ])('refuses %s as a secret', (_what, JWT_SECRET, reason) => {
    const problems = problemsOf({ ...PRODUCTION, JWT_SECRET });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^JWT_SECRET /);
    expect(problems[0]).toContain(reason);
  });

  it('takes a list of keys instead of the secret, and looks at both where both are set', () => {
    const { JWT_SECRET: _left, ...others } = PRODUCTION;
    expect(problemsOf({ ...others, JWT_KEYS: `first:${SECRET}${SECRET}` })).toEqual([]);
    const repeated = `a:${'x'.repeat(64)}`;
    expect(problemsOf({ ...others, JWT_KEYS: repeated })).toEqual([
      expect.stringMatching(/^JWT_KEYS repeats/),
    ]);
    const weak = problemsOf({ ...PRODUCTION, JWT_SECRET: 'x'.repeat(64), JWT_KEYS: repeated });
    expect(weak.map((line) => line.split(' ')[0])).toEqual(['JWT_SECRET', 'JWT_KEYS']);
  });

  it('counts bytes, not characters', () => {
    // 11 characters of 3 bytes each are 33 bytes.
    expect(problemsOf({ ...PRODUCTION, JWT_SECRET: '一二三四五六七八九十百' })).toEqual([]);
  });

  it('refuses a URL with a placeholder for its password', () => {
    const DATABASE_SERVER_URL = 'postgresql://tradegraph_server:CHANGE_ME@db:5432/tradegraph';
    const problems = problemsOf({ ...PRODUCTION, DATABASE_SERVER_URL });
    expect(problems).toEqual([
      'DATABASE_SERVER_URL still holds the placeholder password. Set the real one.',
    ]);
  });
});

describe('configWith', () => {
  it('adds the URLs of a database that has started, and changes nothing else', () => {
    const settings = parse({});
    const urls = { owner: 'o', server: 's', worker: 'w' };
    const config = configWith(settings, urls);
    expect(config.database.urls).toEqual(urls);
    expect(config.database.poolSize).toBe(settings.database.poolSize);
    expect(config.auth).toEqual(settings.auth);
  });
});

function passwordOf(url: string | undefined): string {
  return new URL(url ?? '').password;
}
