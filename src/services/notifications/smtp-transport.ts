import { createTransport } from 'nodemailer';
import type { SmtpConfig } from '../platform/config/mail-variables.ts';
import {
  DeliveryFailed,
  type DeliveryProblem,
  type MailMessage,
  type MailTransport,
} from './mail-transport.ts';
import { mimeOf } from './mime.ts';

export interface SmtpOptions {
  readonly smtp: SmtpConfig;
  /** Certificates (PEM) to trust instead of the system's. */
  readonly ca?: string;
  /** How long each step may keep silent. */
  readonly silenceMs?: number;
}

const SILENCE_MS = 20_000;

/** Hands each mail to a relay, over a connection of its own. */
export function createSmtpTransport({
  smtp: { host, port, login, tls },
  ca,
  silenceMs = SILENCE_MS,
}: SmtpOptions): MailTransport {
  const transport = createTransport({
    ...{ host, port, secure: tls === 'AT_ONCE', requireTLS: tls === 'REQUIRED' },
    ...(login && { auth: { user: login.user, pass: login.password } }),
    // Where mails may go without TLS, a certificate that is nobody's protects no less than none.
    tls: { ...(ca !== undefined && { ca }), rejectUnauthorized: tls !== 'IF_OFFERED' },
    ...{ connectionTimeout: silenceMs, greetingTimeout: silenceMs, dnsTimeout: silenceMs },
    ...{ socketTimeout: silenceMs, socketCloseTimeout: 0 },
  });
  return {
    async deliver(message: MailMessage, signal: AbortSignal) {
      const mail = mimeOf(message);
      try {
        await transport.sendMail({ ...mail, signal });
      } catch (error) {
        throw failureOf(error);
      }
    },
  };
}

/** What Nodemailer says of a failure (its ERROR_CODES), as far as it matters here. */
interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  /** Of the response: any of 5yz but 503, which is about the order of commands. */
  readonly permanent?: boolean;
}

/** Commands whose refusal is about this mail; that of any other is about us, or about the relay. */
const OF_THE_MAIL: readonly (string | undefined)[] = ['RCPT TO', 'DATA'];

function failureOf(error: unknown): DeliveryFailed {
  const failure = error as SmtpError;
  const message = error instanceof Error ? error.message : String(error);
  const code = String(failure.responseCode ?? failure.code ?? 'UNKNOWN');
  return new DeliveryFailed({ problem: problemOf(failure), code, message }, { cause: error });
}

function problemOf({ code, command, responseCode, permanent }: SmtpError): DeliveryProblem {
  // An address that cannot be put on an envelope at all.
  if (code === 'EENVELOPE' && command === 'API') return 'REFUSED';
  if (responseCode === undefined || !OF_THE_MAIL.includes(command)) return 'UNREACHABLE';
  return permanent === true ? 'REFUSED' : 'DELAYED';
}
