import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';
import type { Certificate } from './certificate.ts';

/** What the relay answers instead of taking a mail, at the command that it names. */
export interface Refusal {
  readonly at: 'MAIL' | 'RCPT' | 'DATA';
  readonly code: number;
  readonly text: string;
}

export interface ReceivedMail {
  /** As any mail program would read it. */
  readonly mail: Email;
  readonly raw: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
}

export interface MailRelay {
  readonly port: number;
  /** What was taken, in that order. */
  readonly received: ReceivedMail[];
  /** How many connections were made to it. */
  readonly connections: () => number;
  /** Refuses with the first of these, then with the next; then takes mails. */
  refuse(...refusals: readonly Refusal[]): void;
  /** Called with each mail before it is taken. */
  onMail: (received: ReceivedMail) => Promise<void> | void;
}

export interface MailRelayOptions {
  /** With it, TLS: from the first byte on, or by STARTTLS. */
  readonly certificate?: Certificate;
  readonly isTlsAtOnce?: boolean;
  readonly login?: { readonly user: string; readonly password: string };
}

/** A real SMTP server on a free port, gone after the test. */
export async function startMailRelay({
  certificate,
  isTlsAtOnce = false,
  login,
}: MailRelayOptions = {}): Promise<MailRelay> {
  const received: ReceivedMail[] = [];
  const refusals: Refusal[] = [];
  let connections = 0;
  const refusalAt = (at: Refusal['at']): Error | undefined => {
    if (refusals[0]?.at !== at) return undefined;
    const { code, text } = refusals.shift() ?? { code: 0, text: '' };
    return Object.assign(new Error(text), { responseCode: code });
  };
  const options: SMTPServerOptions = {
    ...(certificate ? { ...certificate, secure: isTlsAtOnce } : {}),
    disabledCommands: [...(certificate ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
    authOptional: login === undefined,
    allowInsecureAuth: true,
    logger: false,
    onConnect(_session, callback) {
      connections += 1;
      callback();
    },
    onAuth({ username, password }, _session, callback) {
      const isRight = username === login?.user && password === login?.password;
      if (isRight) callback(null, { user: username });
      else callback(Object.assign(new Error('Wrong'), { responseCode: 535 }));
    },
    onMailFrom: (_address, _session, callback) => {
      callback(refusalAt('MAIL'));
    },
    onRcptTo: (_address, _session, callback) => {
      callback(refusalAt('RCPT'));
    },
    onData(stream, session, callback) {
      const take = async () => {
        const bytes = await buffer(stream);
        const refusal = refusalAt('DATA');
        if (refusal) throw refusal;
        const { mailFrom, rcptTo } = session.envelope;
        const mail: ReceivedMail = {
          mail: await PostalMime.parse(bytes),
          raw: bytes.toString('utf8'),
          envelope: {
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
          },
          isEncrypted: session.secure,
          user: typeof session.user === 'string' ? session.user : undefined,
        };
        received.push(mail);
        await relay.onMail(mail);
      };
      take().then(
        () => {
          callback();
        },
        (error: unknown) => {
          callback(error as Error);
        },
      );
    },
  };
  const server = new SMTPServer(options);
  // A client that hangs up, or does not trust the certificate, is what a test is about.
  server.on('error', () => undefined);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const listener = server.listen(0, '127.0.0.1', () => {
    resolve(undefined);
  });
  await promise;
  onTestFinished(
    () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
      }),
  );
  const address = listener.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const relay: MailRelay = {
    port,
    received,
    connections: () => connections,
    refuse(...next) {
      refusals.push(...next);
    },
    onMail: () => undefined,
  };
  return relay;
}
