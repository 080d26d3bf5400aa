import path from 'node:path';
import type { MailConfig } from './config.ts';
import type { ConfigProblem } from './config-error.ts';
import type { Variables } from './variables.ts';

const DEVELOPMENT_SENDER = { name: 'Tradegraph', address: 'tradegraph@localhost' };

/** Where mails go, whom they are from, and where their links lead. */
export function mailSettings(values: Variables, dataDirectory: string): MailConfig {
  return {
    delivery: deliveryOf(values, dataDirectory),
    from: values.MAIL_FROM ?? DEVELOPMENT_SENDER,
    adminEmail: values.ADMIN_EMAIL?.address,
    publicUrl: values.PUBLIC_URL ?? `http://localhost:${String(values.PORT)}`,
  };
}

/** Tests look at what waits; what production cannot send waits as well. */
function deliveryOf(values: Variables, dataDirectory: string): MailConfig['delivery'] {
  if (values.SMTP_URL) return { kind: 'SMTP', smtp: values.SMTP_URL };
  if (values.NODE_ENV !== 'development') return { kind: 'OFF' };
  return { kind: 'FILES', directory: path.join(dataDirectory, 'mail') };
}

/** A relay needs to be told who sends, and a person who reads the mail where to go. */
export function mailProblems(
  variables: Readonly<Record<string, string | undefined>>,
): ConfigProblem[] {
  const { SMTP_URL: smtp, MAIL_FROM: from, PUBLIC_URL: page } = variables;
  const isProduction = variables['NODE_ENV'] === 'production';
  const problems: ConfigProblem[] = [];
  if (smtp !== undefined && from === undefined) {
    const fix = 'is not set, and SMTP_URL needs it: Name <name@example.com>, of a domain of yours.';
    problems.push({ variable: 'MAIL_FROM', fix });
  }
  if (!isProduction) return problems;
  if (smtp !== undefined && page === undefined) {
    const fix =
      'is not set, and SMTP_URL needs it: where links of mails lead, https://app.example.com';
    problems.push({ variable: 'PUBLIC_URL', fix });
  }
  if (page?.startsWith('http:') === true) {
    const fix = 'must begin with https:// in production: links of mails carry secrets.';
    problems.push({ variable: 'PUBLIC_URL', fix });
  }
  if (smtp !== undefined && /change[-_ ]?me/i.test(smtp)) {
    problems.push({ variable: 'SMTP_URL', fix: 'still holds the placeholder. Set the real one.' });
  }
  return problems;
}
