import { z } from 'zod';

const username = z.string();

/** What somebody did to their second factors. */
const factorChange = z.enum([
  'TOTP_ENABLED',
  'TOTP_DISABLED',
  'PASSKEY_ADDED',
  'PASSKEY_REMOVED',
  'RECOVERY_CODES_RENEWED',
  'RECOVERY_CODE_USED',
  'RESET',
]);

/**
 * What there are mails about, and what each is queued with. No secret belongs here: it is stored. A
 * template in `templates/` says it in words.
 */
export const MAIL_DATA = {
  /** Queued for any address that asks again: whose it is, is found out as it is sent. */
  'verify-email': z.object({}),
  /** To the owner of an address with which somebody tried to sign up. */
  'email-in-use': z.object({}),
  'sign-up-waiting': z.object({ username }),
  'account-approved': z.object({ username }),
  'account-rejected': z.object({ username }),
  'account-disabled': z.object({ username }),
  'account-enabled': z.object({ username }),
  /** As 'verify-email'. */
  'password-reset': z.object({}),
  'password-changed': z.object({ username }),
  /** Risks as the approver sees them, with commas between; empty when there are none. */
  'admin-new-sign-up': z.object({ username, status: z.string(), risks: z.string() }),
  'second-factor-changed': z.object({ username, change: factorChange }),
  'api-key-created': z.object({ username, keyPrefix: z.string(), environment: z.string() }),
  /** `failure`: why, in words of ours. */
  'webhook-disabled': z.object({ username, failure: z.string() }),
} as const satisfies Record<string, z.ZodObject<Record<string, z.ZodType<string>>>>;

export type MailTemplate = keyof typeof MAIL_DATA;
export type MailData<Template extends MailTemplate> = z.infer<(typeof MAIL_DATA)[Template]>;

export const MAIL_TEMPLATES = Object.keys(MAIL_DATA) as readonly MailTemplate[];

/**
 * What tells people of their own accounts. It goes to none but an address that is theirs, and its words are
 * ours: whoever signs up with the address of somebody else must not write to them by what they do.
 */
export const PERSONAL_TEMPLATES = [
  ...(['sign-up-waiting', 'account-approved', 'account-rejected', 'account-disabled'] as const),
  ...(['account-enabled', 'password-changed', 'second-factor-changed', 'api-key-created'] as const),
  'webhook-disabled',
] as const satisfies readonly MailTemplate[];
export type PersonalTemplate = (typeof PERSONAL_TEMPLATES)[number];

/** What is made only as a mail is sent, so that no secret waits in a queue. */
export interface PreparedData {
  readonly 'verify-email': { readonly username: string; readonly token: string };
  readonly 'password-reset': { readonly username: string; readonly token: string };
}

/** How long a link is good for; the mail says it, and whoever makes the token keeps to it. */
export const LINK_HOURS = { 'verify-email': 24, 'password-reset': 1 } as const;

/** All that a template is filled with. */
export type FullMailData<Template extends MailTemplate> = MailData<Template> &
  (Template extends keyof PreparedData ? PreparedData[Template] : unknown);
