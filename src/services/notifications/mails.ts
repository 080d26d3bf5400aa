import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import type { MailData, MailTemplate } from './mail-data.ts';

interface MailOf<Template extends MailTemplate> {
  readonly template: Template;
  /** The address. */
  readonly recipient: string;
  /** Whom it is about; null for an address that may be nobody's. */
  readonly ownerId: string | null;
  /** What the template is filled with; no secret, since it is stored. */
  readonly data: MailData<Template>;
}

export type NewMail = { [Template in MailTemplate]: MailOf<Template> }[MailTemplate];

export interface Mails {
  /** Keeps a mail in the transaction of what it tells of. It is sent after the commit. */
  queue(tx: Tx, mail: NewMail): Promise<void>;
}

export function createMails({ clock, ids }: { readonly clock: Clock; readonly ids: Ids }): Mails {
  return {
    async queue(tx, { template, recipient, ownerId, data }) {
      const now = clock.now();
      // Not `create`: the server's role may not read back what it asks for.
      await tx.$executeRaw`
        INSERT INTO mails (id, owner_id, recipient, template, data, status, attempts, created_at,
          next_attempt_at)
        VALUES (${ids.next()}::uuid, ${ownerId}::uuid, ${recipient}, ${template},
          ${JSON.stringify(data)}::jsonb, 'QUEUED', 0, ${now}, ${now})`;
    },
  };
}
