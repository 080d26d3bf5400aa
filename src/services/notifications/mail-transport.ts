import type { MailAddress } from '../platform/config/mail-address.ts';
import type { MailTemplate } from './mail-data.ts';
import type { RenderedMail } from './mail-rendering.ts';

/** A mail as it leaves. */
export interface MailMessage extends RenderedMail {
  /** Of the mail's row. The Message-ID is made of it, so that it is the same when it is sent again. */
  readonly id: string;
  readonly template: MailTemplate;
  readonly from: MailAddress;
  /** One bare address. */
  readonly recipient: string;
  readonly date: Date;
}

/** Hands mails over: to a relay, or to the developer. */
export interface MailTransport {
  /**
   * Resolves when somebody else answers for the mail. Throws {@link DeliveryFailed}, also when `signal`
   * ends it.
   */
  deliver(message: MailMessage, signal: AbortSignal): Promise<void>;
}

/**
 * Why a mail is still ours. `REFUSED`: it will never be taken, such as for an address that does not
 * exist. `DELAYED`: not now. `UNREACHABLE`: the relay takes nothing from us, whatever the mail.
 */
export type DeliveryProblem = 'REFUSED' | 'DELAYED' | 'UNREACHABLE';

export class DeliveryFailed extends Error {
  override readonly name = 'DeliveryFailed';
  readonly problem: DeliveryProblem;
  /** A short word for logs, such as `550` or `ETIMEDOUT`; the message may name the recipient. */
  readonly code: string;

  constructor(
    failure: { readonly problem: DeliveryProblem; readonly code: string; readonly message: string },
    options?: ErrorOptions,
  ) {
    super(failure.message, options);
    this.problem = failure.problem;
    this.code = failure.code;
  }
}
