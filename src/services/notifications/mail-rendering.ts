import { Eta } from 'eta';
import type { MailCircumstances, MailContent, MailWords } from './mail-content.ts';
import type { FullMailData, MailTemplate } from './mail-data.ts';
import { plainWords } from './plain-words.ts';
import { WORDS } from './templates/all.ts';
import { HTML_LAYOUT } from './templates/html-layout.ts';
import { TEXT_LAYOUT } from './templates/text-layout.ts';

/** A mail as it is read. */
export interface RenderedMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

export interface MailRendering {
  /**
   * A mail in words, as HTML and as text. What people typed is put on one line, shortened and escaped,
   * so that it neither ends a line of the mail's head nor becomes a part of the page.
   */
  render<Template extends MailTemplate>(
    template: Template,
    data: FullMailData<Template>,
    happenedAt: Date,
  ): RenderedMail;
}

const TEXT_COLUMNS = 72;

/** @param publicUrl where the pages are that links lead to, without a slash at its end */
export function createMailRendering({ publicUrl }: { publicUrl: string }): MailRendering {
  const eta = new Eta({ autoEscape: true, autoTrim: [false, 'nl'] });
  const html = eta.compile(HTML_LAYOUT);
  const text = eta.compile(TEXT_LAYOUT);
  return {
    render<Template extends MailTemplate>(
      template: Template,
      data: FullMailData<Template>,
      happenedAt: Date,
    ) {
      const words: MailWords<Template> = WORDS[template];
      const content = words(plainly(data), circumstances(publicUrl, happenedAt));
      return {
        subject: content.subject,
        html: eta.render(html, content),
        text: eta.render(text, { ...content, wrap } satisfies MailContent & { wrap: typeof wrap }),
      };
    },
  };
}

/** Every value fit for a line. A token is of letters that stay as they are, and short. */
function plainly<Data extends object>(data: Data): Data {
  const plain = Object.entries(data).map(([name, value]) => [name, plainWords(String(value))]);
  return Object.fromEntries(plain) as Data;
}

function circumstances(publicUrl: string, happenedAt: Date): MailCircumstances {
  return {
    time: TIME.format(happenedAt).replace(',', ' at'),
    // Behind the "#", a token is not sent to the server of the page, and stays out of its log.
    link: (path, token) => {
      const page = path === '' ? `${publicUrl}/` : `${publicUrl}/${path}`;
      return token === undefined ? page : `${page}#token=${encodeURIComponent(token)}`;
    },
  };
}

const TIME = new Intl.DateTimeFormat('en-GB', {
  ...{ day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' },
  ...{ timeZone: 'UTC', timeZoneName: 'short' },
});

/** Breaks lines at spaces. A word longer than a line stays whole. */
function wrap(paragraph: string): string {
  let length = 0;
  return paragraph
    .split(' ')
    .map((word, index) => {
      const isNewLine = index === 0 || length + 1 + word.length > TEXT_COLUMNS;
      length = isNewLine ? word.length : length + 1 + word.length;
      return index === 0 ? word : `${isNewLine ? '\n' : ' '}${word}`;
    })
    .join('');
}
