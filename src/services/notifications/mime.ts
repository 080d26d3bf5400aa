import type { SendMailOptions } from 'nodemailer';
import type { MailMessage } from './mail-transport.ts';

/**
 * A mail in Nodemailer's words. Addresses go in as objects and not as text that is parsed, so that none
 * of them turns into two; files and URLs are never read, whatever a mail says.
 */
export function mimeOf(message: MailMessage): SendMailOptions {
  const { id, from, recipient, subject, html, text, date } = message;
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return {
    ...{ subject, html, text, date },
    from: { ...from },
    to: { name: '', address: recipient },
    envelope: { from: from.address, to: [recipient] },
    messageId: `<${id}@${domain}>`,
    // Nobody's absence should answer a program (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
