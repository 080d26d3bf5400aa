import type { MailTransport } from '../../src/services/notifications/mail-transport.ts';
import { createSmtpTransport } from '../../src/services/notifications/smtp-transport.ts';

/** Of a relay on this machine. */
export const smtpTo = (port: number, silenceMs = 5_000): MailTransport =>
  createSmtpTransport({
    smtp: { host: '127.0.0.1', port, login: undefined, tls: 'IF_OFFERED' },
    silenceMs,
  });

export const FROM = { name: 'Tradegraph', address: 'no-reply@tradegraph.example' };
