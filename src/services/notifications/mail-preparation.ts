import type { PersonalTemplate, PreparedData } from './mail-data.ts';

/** A mail that is about to be sent. */
export interface MailToPrepare {
  readonly id: string;
  /** Whom it was queued for; null for an address that may be nobody's. */
  readonly ownerId: string | null;
  /** The address that it goes to. */
  readonly recipient: string;
  readonly createdAt: Date;
}

/**
 * Makes what a mail is filled with beside its stored data, such as the token of its link, and keeps
 * what it must (the token's hash) before it answers. Called again, with the same mail, when sending
 * failed and is tried again. Undefined when the address is nobody's: the mail is dropped.
 */
export type PrepareMail<Prepared> = (mail: MailToPrepare) => Promise<Prepared | undefined>;

/** Makes links. */
export type LinkPreparations = {
  readonly [Template in keyof PreparedData]: PrepareMail<PreparedData[Template]>;
};

/** Adds nothing, but finds out whether the address is that of whom the mail is about. */
export type AddresseeChecks = {
  readonly [Template in PersonalTemplate]: PrepareMail<object>;
};

/** One for each template that needs it. */
export type MailPreparations = LinkPreparations & AddresseeChecks;
