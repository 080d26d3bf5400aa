import type { FullMailData, MailTemplate } from './mail-data.ts';

/** What a mail says, in plain words: the layouts turn it into HTML, where it is escaped, and text. */
export interface MailContent {
  readonly subject: string;
  /** What mail programs show beside the subject. */
  readonly preview: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly details?: readonly { readonly name: string; readonly value: string }[];
  readonly action?: { readonly label: string; readonly url: string };
  /** In smaller print beneath. */
  readonly notes?: readonly string[];
  /** Why the mail came: the end of "You get this mail because". */
  readonly reason: string;
}

/** What every template knows beside its own data. */
export interface MailCircumstances {
  /** When what the mail tells of happened, such as "21 November 2026 at 17:20 UTC". */
  readonly time: string;
  /** Address of a page, by its path and by the token that its link carries. */
  readonly link: (path: string, token?: string) => string;
}

/** The words of one kind of mail. */
export type MailWords<Template extends MailTemplate> = (
  data: FullMailData<Template>,
  circumstances: MailCircumstances,
) => MailContent;
