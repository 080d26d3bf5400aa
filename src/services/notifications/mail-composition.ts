import { MAIL_DATA, type FullMailData, type MailTemplate } from './mail-data.ts';
import type { MailPreparations, MailToPrepare } from './mail-preparation.ts';
import type { MailRendering, RenderedMail } from './mail-rendering.ts';
import { DeliveryFailed } from './mail-transport.ts';

/** A mail as it is stored. */
export interface StoredMail extends MailToPrepare {
  readonly template: string;
  readonly data: unknown;
}

export interface MailComposition {
  /**
   * A stored mail in words. Undefined when it is for nobody. Throws {@link DeliveryFailed} for one that
   * this version of the program does not know.
   */
  compose(
    mail: StoredMail,
  ): Promise<(RenderedMail & { readonly template: MailTemplate }) | undefined>;
}

export interface MailCompositionPorts {
  readonly rendering: MailRendering;
  readonly prepare: MailPreparations;
}

export function createMailComposition({
  rendering,
  prepare,
}: MailCompositionPorts): MailComposition {
  const preparations: Partial<Record<MailTemplate, MailPreparations[keyof MailPreparations]>> =
    prepare;
  return {
    async compose(mail) {
      const { template, data } = parse(mail);
      const { id, ownerId, recipient, createdAt } = mail;
      const prepared = await (preparations[template]?.({ id, ownerId, recipient, createdAt }) ??
        {});
      if (prepared === undefined) return undefined;
      // The stored part was parsed, and the other part is what its preparation promises.
      const full = { ...data, ...prepared } as FullMailData<typeof template>;
      return { template, ...rendering.render(template, full, createdAt) };
    },
  };
}

function parse({ template, data }: StoredMail): { template: MailTemplate; data: object } {
  if (!isKnown(template)) throw refused(`There is no template "${template}".`);
  const parsed = MAIL_DATA[template].safeParse(data);
  if (!parsed.success) throw refused(`The data does not fit the template "${template}".`);
  return { template, data: parsed.data };
}

const isKnown = (template: string): template is MailTemplate => Object.hasOwn(MAIL_DATA, template);

const refused = (message: string) =>
  new DeliveryFailed({ problem: 'REFUSED', code: 'TEMPLATE', message });
