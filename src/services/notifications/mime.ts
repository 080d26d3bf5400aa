import type { SendMailOptions } from 'nodemailer';
import { parseMailAddress } from '../platform/config/mail-address.ts';
import { DeliveryFailed, type MailMessage } from './mail-transport.ts';

/**
 * A mail in Nodemailer's words. What it would take for two addresses, or for none, is refused before it
 * gets there; files and URLs are never read, whatever a mail says.
 */
export function mimeOf(message: MailMessage): SendMailOptions {
  const { id, from, recipient, subject, html, text, date } = message;
  if (parseMailAddress(recipient)?.address !== recipient) {
    const message = 'The address is none that mail can be sent to.';
    throw new DeliveryFailed({ problem: 'REFUSED', code: 'ADDRESS', message });
  }
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
