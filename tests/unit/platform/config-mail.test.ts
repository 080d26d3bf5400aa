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
  DATABASE_SERVER_URL: 'postgresql://tradegraph_server:one@db:5432/tradegraph',
  DATABASE_WORKER_URL: 'postgresql://tradegraph_worker:two@db:5432/tradegraph',
};
const MAIL_FROM = 'Tradegraph <no-reply@example.com>';

function mailOf(variables: Readonly<Record<string, string>>) {
  return parseSettings({
    variables,
    purpose: 'server',
    rootDirectory: '/project',
    developmentSecret: () => 'made for development',
  }).mail;
}

function problemsOf(variables: Readonly<Record<string, string>>): readonly string[] {
  try {
    mailOf(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('without a relay', () => {
  it('development writes mails to files, and their links lead to this machine', () => {
    expect(mailOf({ PORT: '4567' })).toEqual({
      delivery: { kind: 'FILES', directory: '/project/.data/mail' },
      from: { name: 'Tradegraph', address: 'tradegraph@localhost' },
      adminEmail: undefined,
      publicUrl: 'http://localhost:4567',
    });
  });

  it('production and tests keep them', () => {
    expect(mailOf(PRODUCTION).delivery).toEqual({ kind: 'OFF' });
    expect(mailOf({ NODE_ENV: 'test' }).delivery).toEqual({ kind: 'OFF' });
  });
});

describe('SMTP_URL', () => {
  const smtpOf = (SMTP_URL: string) => {
    const { delivery } = mailOf({ SMTP_URL, MAIL_FROM });
    return delivery.kind === 'SMTP' ? delivery.smtp : undefined;
  };

  it.each([
    ['smtp://relay.example.com', { port: 587, tls: 'REQUIRED' }],
    ['smtp://relay.example.com:2525/', { port: 2525, tls: 'REQUIRED' }],
    ['smtp://relay.example.com?requireTLS=false', { port: 587, tls: 'IF_OFFERED' }],
    ['smtps://relay.example.com', { port: 465, tls: 'AT_ONCE' }],
  ])('%s is read', (url, expected) => {
    expect(smtpOf(url)).toEqual({ host: 'relay.example.com', login: undefined, ...expected });
  });

  it.each(['localhost', '127.0.0.1', '[::1]'])('%s may do without TLS, unless said', (host) => {
    expect(smtpOf(`smtp://${host}:25`)?.tls).toBe('IF_OFFERED');
    expect(smtpOf(`smtp://${host}:25?requireTLS=true`)?.tls).toBe('REQUIRED');
  });

  it('carries a user and a password with any character', () => {
    const user = 'person@example.com';
    const password = 'p:a/s%s@word?#';
    const [name, secret] = [user, password].map(encodeURIComponent);
    expect(smtpOf(`smtp://${String(name)}:${String(secret)}@relay.example.com`)).toMatchObject({
      host: 'relay.example.com',
      login: { user, password },
    });
  });

  it.each([
    'relay.example.com:587',
    'http://relay.example.com',
    'smtp://',
    'smtp://relay.example.com/path',
    'smtp://user@relay.example.com',
    'smtp://:password@relay.example.com',
    'smtp://user:100%@relay.example.com',
    'smtp://relay.example.com?ignoreTLS=true',
  ])('refuses %s, without repeating it', (SMTP_URL) => {
    const problems = problemsOf({ SMTP_URL, MAIL_FROM });
    expect(problems).toEqual([expect.stringMatching(/^SMTP_URL must look like smtp:/)]);
    expect(problems[0]).not.toContain('relay.example.com');
  });

  it('needs a sender, and in production a place for links, over TLS', () => {
    const SMTP_URL = 'smtp://relay.example.com';
    expect(problemsOf({ SMTP_URL })).toEqual([expect.stringMatching(/^MAIL_FROM is not set/)]);
    expect(problemsOf({ ...PRODUCTION, SMTP_URL, MAIL_FROM })).toEqual([
      expect.stringMatching(/^PUBLIC_URL is not set/),
    ]);
    const given = { ...PRODUCTION, SMTP_URL, MAIL_FROM };
    expect(problemsOf({ ...given, PUBLIC_URL: 'http://app.example.com' })).toEqual([
      expect.stringMatching(/^PUBLIC_URL must begin with https/),
    ]);
    expect(problemsOf({ ...given, PUBLIC_URL: 'https://app.example.com' })).toEqual([]);
  });
});

describe('MAIL_FROM and ADMIN_EMAIL', () => {
  it('take an address with or without a name', () => {
    expect(mailOf({ MAIL_FROM }).from).toEqual({
      name: 'Tradegraph',
      address: 'no-reply@example.com',
    });
    expect(mailOf({ MAIL_FROM: 'no-reply@example.com' }).from.name).toBe('');
    expect(mailOf({ ADMIN_EMAIL: 'Ada <ada@example.com>' }).adminEmail).toBe('ada@example.com');
  });

  it.each([
    'nobody',
    'a@b@c',
    'one@example.com, two@example.com',
    'Name <one@example.com>, <two@example.com>',
    'a@example.com\r\nBcc: b@example.com',
    'Name\r\nBcc: b@example.com <a@example.com>',
    '"x" <a@example.com>',
    'a b@example.com',
  ])('refuse %j', (MAIL_FROM) => {
    expect(problemsOf({ MAIL_FROM })).toEqual([expect.stringMatching(/^MAIL_FROM must look like/)]);
  });
});

describe('PUBLIC_URL', () => {
  it('loses the slash at its end and keeps its path', () => {
    expect(mailOf({ PUBLIC_URL: 'https://example.com/app/' }).publicUrl).toBe(
      'https://example.com/app',
    );
  });

  it.each([
    'example.com',
    'ftp://example.com',
    'https://example.com/?a=b',
    'https://u:p@example.com',
  ])('refuses %s', (PUBLIC_URL) => {
    expect(problemsOf({ PUBLIC_URL })).toEqual([expect.stringMatching(/^PUBLIC_URL must look/)]);
  });
});
