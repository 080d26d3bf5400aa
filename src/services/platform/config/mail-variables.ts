import { z } from 'zod';
import { parseMailAddress } from './mail-address.ts';

/** A relay that takes mails, such as that of Brevo or of one's own provider. */
export interface SmtpConfig {
  readonly host: string;
  readonly port: number;
  /** Undefined for a relay that asks for none. */
  readonly login: { readonly user: string; readonly password: string } | undefined;
  /**
   * `AT_ONCE`: from the first byte on. `REQUIRED`: by STARTTLS, or nothing is sent. `IF_OFFERED`: for a
   * relay on this machine, or where the operator says so.
   */
  readonly tls: 'AT_ONCE' | 'REQUIRED' | 'IF_OFFERED';
}

const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };
const OPTIONS = new Set(['', '?requireTLS=true', '?requireTLS=false']);
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** `smtps://user:password@host:465`, or `smtp://` for STARTTLS. */
export function smtpUrl() {
  const fix =
    'must look like smtp://user:password@host:587 (or smtps:// for TLS from the start), with reserved ' +
    'characters of the password percent-encoded. Without STARTTLS nothing is sent, but to ' +
    'localhost or with ?requireTLS=false.';
  return z.string().transform((value, context): SmtpConfig => {
    const smtp = parseSmtpUrl(value);
    if (smtp) return smtp;
    context.issues.push({ code: 'custom', message: fix, input: undefined });
    return z.NEVER;
  });
}

function parseSmtpUrl(value: string): SmtpConfig | undefined {
  const url = URL.parse(value);
  const defaultPort = PORTS[url?.protocol ?? ''];
  if (!url || defaultPort === undefined || url.hostname === '') return undefined;
  const isPlain = url.pathname === '' || url.pathname === '/';
  if (!isPlain || url.hash !== '' || !OPTIONS.has(url.search)) return undefined;
  const [user, password] = [decoded(url.username), decoded(url.password)];
  if (user === undefined || password === undefined) return undefined;
  // A password without a user, or the other way round, is a slip.
  if ((user === '') !== (password === '')) return undefined;
  const isRequired =
    url.search === '' ? !LOOPBACK.test(url.hostname) : url.search.endsWith('=true');
  const startTls = isRequired ? 'REQUIRED' : 'IF_OFFERED';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
    login: user === '' ? undefined : { user, password },
    tls: url.protocol === 'smtps:' ? 'AT_ONCE' : startTls,
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `person@example.com` or `Name <person@example.com>`. */
export function mailAddress() {
  const fix = 'must look like Name <name@example.com>, or name@example.com.';
  return z.string().transform((value, context) => {
    const address = parseMailAddress(value);
    if (address) return address;
    context.issues.push({ code: 'custom', message: fix, input: undefined });
    return z.NEVER;
  });
}

/** Where pages begin, without a slash at its end: `https://app.example.com`, or with a path. */
export function pageUrl() {
  const fix = 'must look like https://app.example.com, without "?" and "#".';
  return z
    .string()
    .refine((value) => {
      const url = URL.parse(value);
      const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
      return isWeb && !/[?#]/.test(value) && url.username === '' && url.password === '';
    }, fix)
    .transform((value) => value.replace(/\/+$/, ''));
}
