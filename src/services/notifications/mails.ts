import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import { RateLimited } from '../platform/errors.ts';
import type { Ids } from '../platform/ids.ts';
import type { RateLimits, RateRule } from '../platform/rate-limits.ts';
import { PERSONAL_TEMPLATES, type MailData, type MailTemplate } from './mail-data.ts';

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
  /**
   * Keeps a mail in the transaction of what it tells of. It is sent after the commit. Past
   * {@link PERSONAL_MAILS} it is not kept, and what it tells of is done all the same.
   */
  queue(tx: Tx, mail: NewMail): Promise<void>;
}

export interface MailsPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly rateLimits: Pick<RateLimits, 'take'>;
}

/** Of all that tells one person of their own account: more of it is no news, but a nuisance. */
const PERSONAL_MAILS: RateRule = {
  ...{ name: 'personal-mails', points: 20, windowSeconds: 3_600 },
};

const PERSONAL: ReadonlySet<MailTemplate> = new Set(PERSONAL_TEMPLATES);

export function createMails({ clock, ids, rateLimits }: MailsPorts): Mails {
  const isTooMany = async (ownerId: string): Promise<boolean> => {
    try {
      await rateLimits.take(PERSONAL_MAILS, ownerId);
      return false;
    } catch (error) {
      if (!(error instanceof RateLimited)) throw error;
      return true;
    }
  };

  return {
    async queue(tx, { template, recipient, ownerId, data }) {
      if (ownerId !== null && PERSONAL.has(template) && (await isTooMany(ownerId))) return;
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
