import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it, describe, onTestFinished } from 'vitest';
import {
  DeliveryFailed,
  type MailMessage,
} from '../../../src/services/notifications/mail-transport.ts';
import {
  createSmtpTransport,
  type SmtpOptions,
} from '../../../src/services/notifications/smtp-transport.ts';
import type { SmtpConfig } from '../../../src/services/platform/config/mail-variables.ts';
import { selfSignedCertificate } from '../../support/certificate.ts';
import { startMailRelay, type Refusal } from '../../support/mail-relay.ts';

const MESSAGE: MailMessage = {
  id: '01930000-0000-7000-8000-000000000001',
  template: 'account-approved',
  from: { name: 'Tradegraph', address: 'no-reply@tradegraph.example' },
  recipient: 'ada@example.com',
  subject: 'Your account is ready — at last',
  html: '<p>Hello ada,</p>',
  text: 'Hello ada,\n',
  date: new Date('2026-11-21T17:20:00Z'),
};
const NEVER = new AbortController().signal;

const relayAt = (port: number, more: Partial<SmtpConfig> = {}): SmtpConfig => ({
  ...{ host: '127.0.0.1', port, login: undefined, tls: 'IF_OFFERED' },
  ...more,
});

async function failureOf(
  options: SmtpOptions,
  { message = MESSAGE, signal = NEVER }: { message?: MailMessage; signal?: AbortSignal } = {},
) {
  try {
    await createSmtpTransport(options).deliver(message, signal);
  } catch (error) {
    if (error instanceof DeliveryFailed) return { problem: error.problem, code: error.code };
    throw error;
  }
  return undefined;
}

describe('a mail that is taken', () => {
  it('arrives whole, with an id that is its own', async () => {
    const relay = await startMailRelay();
    await createSmtpTransport({ smtp: relayAt(relay.port) }).deliver(MESSAGE, NEVER);
    const [{ mail, envelope, raw } = { mail: undefined, envelope: undefined, raw: '' }] =
      relay.received;
    expect(envelope).toEqual({ from: 'no-reply@tradegraph.example', to: ['ada@example.com'] });
    expect(mail).toMatchObject({
      from: { name: 'Tradegraph', address: 'no-reply@tradegraph.example' },
      to: [{ name: '', address: 'ada@example.com' }],
      subject: 'Your account is ready — at last',
      messageId: '<01930000-0000-7000-8000-000000000001@tradegraph.example>',
      date: '2026-11-21T17:20:00.000Z',
      html: '<p>Hello ada,</p>\n',
      text: 'Hello ada,\n\n',
    });
    expect(raw).toContain('Auto-Submitted: auto-generated');
  });

  it('goes over TLS where the relay offers it, and logs in', async () => {
    const certificate = selfSignedCertificate();
    const login = { user: 'person@example.com', password: 'p:a/s%s word' };
    for (const tls of ['AT_ONCE', 'REQUIRED', 'IF_OFFERED'] as const) {
      const relay = await startMailRelay({ certificate, login, isTlsAtOnce: tls === 'AT_ONCE' });
      const smtp = relayAt(relay.port, { tls, login });
      await createSmtpTransport({ smtp, ca: certificate.cert }).deliver(MESSAGE, NEVER);
      expect(relay.received).toMatchObject([{ isEncrypted: true, user: login.user }]);
    }
  });
});

describe('a mail that is not sent', () => {
  const login = { user: 'person', password: 'right' };

  it('for want of TLS that must be', async () => {
    const relay = await startMailRelay({ login });
    const failure = await failureOf({ smtp: relayAt(relay.port, { tls: 'REQUIRED', login }) });
    expect(failure?.problem).toBe('UNREACHABLE');
    expect(relay.received).toEqual([]);
  });

  it('to a relay whose certificate nobody vouches for', async () => {
    const certificate = selfSignedCertificate();
    for (const tls of ['AT_ONCE', 'REQUIRED'] as const) {
      const relay = await startMailRelay({ certificate, isTlsAtOnce: tls === 'AT_ONCE' });
      const failure = await failureOf({ smtp: relayAt(relay.port, { tls }) });
      expect(failure?.problem).toBe('UNREACHABLE');
      expect(relay.received).toEqual([]);
    }
  });

  it('to a relay whose certificate has expired', async () => {
    const certificate = selfSignedCertificate(new Date('2020-01-01T00:00:00Z'));
    const relay = await startMailRelay({ certificate });
    const smtp = relayAt(relay.port, { tls: 'REQUIRED' });
    expect((await failureOf({ smtp, ca: certificate.cert }))?.problem).toBe('UNREACHABLE');
  });

  it('with a wrong password, which is no fault of the mail', async () => {
    const relay = await startMailRelay({ login });
    const smtp = relayAt(relay.port, { login: { ...login, password: 'wrong' } });
    expect(await failureOf({ smtp })).toEqual({ problem: 'UNREACHABLE', code: '535' });
  });

  const refusals: readonly (Refusal & { readonly problem: string })[] = [
    { at: 'RCPT', code: 550, text: 'No such person', problem: 'REFUSED' },
    { at: 'RCPT', code: 450, text: 'Greylisted', problem: 'DELAYED' },
    { at: 'DATA', code: 554, text: 'Spam', problem: 'REFUSED' },
    { at: 'DATA', code: 451, text: 'Not now', problem: 'DELAYED' },
    // Who sends is set by the operator: once that is put right, the mail leaves.
    { at: 'MAIL', code: 553, text: 'Unknown sender', problem: 'UNREACHABLE' },
    { at: 'MAIL', code: 421, text: 'Too many', problem: 'UNREACHABLE' },
  ];
  it.each(refusals)('because of $code at $at: $problem', async ({ problem, ...refusal }) => {
    const relay = await startMailRelay();
    relay.refuse(refusal);
    const failure = await failureOf({ smtp: relayAt(relay.port) });
    expect(failure).toEqual({ problem, code: String(refusal.code) });
    expect(relay.received).toEqual([]);
  });

  it('because nobody listens', async () => {
    const { port, close } = await startSilence();
    await close();
    expect(await failureOf({ smtp: relayAt(port) })).toMatchObject({ problem: 'UNREACHABLE' });
  });

  it('because the relay takes the connection and says nothing', async () => {
    const { port } = await startSilence();
    const failure = await failureOf({ smtp: relayAt(port), silenceMs: 200 });
    expect(failure).toEqual({ problem: 'UNREACHABLE', code: 'ETIMEDOUT' });
  });

  it('because it is broken off', async () => {
    const { port } = await startSilence();
    const failure = await failureOf({ smtp: relayAt(port) }, { signal: AbortSignal.timeout(200) });
    expect(failure?.problem).toBe('UNREACHABLE');
  });

  it('because its address would be two, or none', async () => {
    const relay = await startMailRelay();
    for (const recipient of [
      'ada@example.com, eve@example.com',
      'ada@example.com>\r\nRCPT TO:<eve@example.com',
      'ada@example.com\r\nBcc: eve@example.com',
      'nobody',
    ]) {
      const message = { ...MESSAGE, recipient };
      const failure = await failureOf({ smtp: relayAt(relay.port) }, { message });
      expect(failure).toEqual({ problem: 'REFUSED', code: 'ADDRESS' });
    }
    expect(relay.connections()).toBe(0);
  });
});

/** Takes connections and never says a word. */
async function startSilence(): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, close };
}
