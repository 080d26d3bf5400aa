import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/services/platform/config/config-error.ts';
import { parseSettings } from '../../../src/services/platform/config/settings.ts';

// not a secret: made up for these tests, and long enough for production's rules.
const SECRET = 'pQ3v9sLx7Zk2Wm8RtY4nBc6HdJf1Ga5e';
const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET: SECRET,
  AUDIT_KEYS: `first:${SECRET}${SECRET}`,
  VAULT_KEYS: `first:${SECRET}${SECRET}`,
  PUBLIC_URL: 'https://trade.example.com',
  DATABASE_SERVER_URL: 'postgresql://tradegraph_server:one@db:5432/tradegraph',
  DATABASE_WORKER_URL: 'postgresql://tradegraph_worker:two@db:5432/tradegraph',
};
const RP_ID = { WEBAUTHN_RP_ID: 'example.com' };

const settingsOf = (variables: Record<string, string>) =>
  parseSettings({
    ...{ variables, purpose: 'server', rootDirectory: '/project' },
    developmentSecret: () => 'made for development',
  }).webAuthn;

function problemOf(variables: Record<string, string>): string {
  try {
    settingsOf(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('passkeys', () => {
  it('belong to this machine in development, for its pages and those of its frontends', () => {
    expect(settingsOf({ PORT: '4321' })).toEqual({
      rpId: 'localhost',
      origins: ['http://localhost:3000', 'http://localhost:5173', 'http://localhost:4321'],
    });
  });

  it('are off in production, unless it says whose they are', () => {
    expect(settingsOf(PRODUCTION)).toBeUndefined();
  });

  it('are for the pages that may call the API and belong to the domain', () => {
    const CORS_ALLOWED_ORIGINS =
      'https://example.com,https://app.example.com:8443,https://example.org,https://badexample.com';
    expect(settingsOf({ ...PRODUCTION, ...RP_ID, CORS_ALLOWED_ORIGINS })).toEqual({
      rpId: 'example.com',
      origins: ['https://example.com', 'https://app.example.com:8443'],
    });
  });

  it('are for the pages that are listed', () => {
    const WEBAUTHN_ORIGINS = 'https://login.example.com';
    expect(settingsOf({ ...PRODUCTION, ...RP_ID, WEBAUTHN_ORIGINS })?.origins).toEqual([
      'https://login.example.com',
    ]);
  });

  it.each([
    ['a page of another domain', 'https://example.org', /example\.org is none/],
    ['a page whose domain ends alike', 'https://badexample.com', /badexample\.com is none/],
    ['a page without TLS', 'http://example.com', /http:\/\/example\.com is none/],
  ])('are not for %s', (_what, WEBAUTHN_ORIGINS, problem) => {
    expect(problemOf({ ...PRODUCTION, ...RP_ID, WEBAUTHN_ORIGINS })).toMatch(problem);
  });

  it('need a page, and a page needs a domain', () => {
    expect(problemOf({ ...PRODUCTION, ...RP_ID })).toMatch(/^WEBAUTHN_ORIGINS must list/m);
    const WEBAUTHN_ORIGINS = 'https://example.com';
    expect(problemOf({ ...PRODUCTION, WEBAUTHN_ORIGINS })).toMatch(/^WEBAUTHN_RP_ID is not set/m);
  });

  it.each(['https://example.com', 'Example.com', '192.0.2.1', 'example.com:443', '.com', 'a..b'])(
    'belong to a domain, and %s is none',
    (WEBAUTHN_RP_ID) => {
      expect(problemOf({ WEBAUTHN_RP_ID })).toMatch(/^WEBAUTHN_RP_ID must be a domain/m);
    },
  );
});
