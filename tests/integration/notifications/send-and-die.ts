import { createMailRows } from '../../../src/services/notifications/mail-rows.ts';
import { createDatabase } from '../../../src/services/platform/database.ts';
import { FROM, smtpTo } from '../../support/mail-transports.ts';

// Takes the mail that is due, hands it to the relay, and is gone before it notes so.
const [url = '', port = ''] = process.argv.slice(2);
const limits = { acquireTimeoutMs: 25_000, transactionTimeoutMs: 25_000 };
const db = createDatabase({ url, poolSize: 1, ...limits, statementTimeoutMs: 25_000 });
const now = new Date('2026-11-21T17:20:00Z');
const rows = createMailRows({ workerDb: db });
const [mail] = await rows.claim({ now, leaseMs: 120_000, limit: 1 });
if (!mail) throw new Error('No mail is due.');
const words = { subject: 'Your account is ready', html: '<p>Hello</p>', text: 'Hello' };
await smtpTo(Number(port)).deliver(
  {
    id: mail.id,
    template: 'account-approved',
    from: FROM,
    recipient: mail.recipient,
    date: now,
    ...words,
  },
  new AbortController().signal,
);
process.kill(process.pid, 'SIGKILL');
