import { createMailAddressees } from '../services/accounts/mail-addressees.ts';
import { createMailLinks } from '../services/accounts/mail-links.ts';
import { createMailComposition } from '../services/notifications/mail-composition.ts';
import { createMailRendering } from '../services/notifications/mail-rendering.ts';
import { createMailRows } from '../services/notifications/mail-rows.ts';
import { createMailSender, type MailSender } from '../services/notifications/mail-sender.ts';
import type { MailTransport } from '../services/notifications/mail-transport.ts';
import type { Config } from '../services/platform/config/config.ts';
import type { EmailState } from '../services/platform/health.ts';
import { createRandom, randomBytes } from '../services/platform/random.ts';
import type { Foundation } from './foundation.ts';

/** Sends the mails that wait in the database, and says whether they leave. */
export function createMailing(
  foundation: Foundation,
  { mail }: Config,
): { readonly sender: MailSender; readonly email: () => EmailState } {
  const { logger: log } = foundation;
  const sender = createMailSender({
    ...{ ...foundation, log },
    rows: createMailRows(foundation),
    composition: createMailComposition({
      rendering: createMailRendering({ publicUrl: mail.publicUrl }),
      prepare: {
        ...createMailLinks({ ...foundation, randomBytes }),
        ...createMailAddressees(foundation),
      },
    }),
    transport: transportOf(mail),
    from: mail.from,
    random: createRandom(Buffer.from(randomBytes(4)).readUInt32LE()),
  });
  const email = (): EmailState => {
    if (mail.delivery.kind !== 'SMTP') return 'OFF';
    return sender.isFailing ? 'FAILING' : 'ON';
  };
  return { sender, email };
}

/** Loaded with the first mail: a start does not wait for what it may never need. */
function transportOf({ delivery }: Config['mail']): MailTransport | undefined {
  if (delivery.kind === 'OFF') return undefined;
  const open = async (): Promise<MailTransport> => {
    if (delivery.kind === 'FILES') {
      const { createFileTransport } = await import('../services/notifications/file-transport.ts');
      return createFileTransport(delivery);
    }
    const { createSmtpTransport } = await import('../services/notifications/smtp-transport.ts');
    return createSmtpTransport(delivery);
  };
  let transport: Promise<MailTransport> | undefined;
  return {
    async deliver(message, signal) {
      transport ??= open();
      await (await transport).deliver(message, signal);
    },
  };
}
