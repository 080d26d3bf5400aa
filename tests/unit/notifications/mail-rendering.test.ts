import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAIL_TEMPLATES,
  type MailTemplate,
} from '../../../src/services/notifications/mail-data.ts';
import { createMailRendering } from '../../../src/services/notifications/mail-rendering.ts';

const HAPPENED_AT = new Date('2026-11-21T17:20:00Z');
const rendering = createMailRendering({ publicUrl: 'https://app.example.com' });

/** All that any template takes; each takes what it knows. */
const dataWith = (text: string) => ({
  ...{ username: text, token: 'tg_mail_abc', status: text, risks: text, keyPrefix: text },
  ...{ environment: text, change: 'TOTP_ENABLED' as const, failure: text },
});
const render = (template: MailTemplate, text = 'ada') =>
  rendering.render(template, dataWith(text), HAPPENED_AT);

describe.each(MAIL_TEMPLATES)('%s', (template) => {
  it('says the same in HTML and in text, and lacks no word', () => {
    const { subject, html, text } = render(template);
    expect(subject).toMatch(/^[A-Z][^\n]{5,60}$/);
    for (const part of [subject, html, text]) {
      expect(part).not.toMatch(/undefined|null|\[object|<%|%>/);
    }
    const words = html
      .replace(/^[\s\S]*<h1/, '<h1')
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll('&quot;', '"')
      .split(/\s+/)
      .filter((word) => /^\w{4,}$/.test(word));
    const isButton = new Set(['button', 'does', 'work', 'open', 'this', 'address']);
    for (const word of words) if (!isButton.has(word)) expect(text).toContain(word);
  });

  it('loads nothing, and leads nowhere but to our pages', () => {
    const { html } = render(template);
    expect(html).not.toMatch(/<(img|link|script|iframe|object|video)|url\(|@import|src=/i);
    for (const [, href] of html.matchAll(/href="([^"]*)"/g)) {
      expect(href).toMatch(/^https:\/\/app\.example\.com\//);
    }
  });

  it('takes no text that somebody typed for a part of itself', () => {
    const plain = render(template, 'x').html.match(/<[a-z!/]/gi)?.length;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc.constantFrom(
            '<script>alert(1)</script>',
            '"><img src=x onerror=alert(1)>',
            '<%= process.env %>',
            'a\r\nBcc: eve@example.com',
            '\u202Eevil',
            '&lt;b&gt;',
          ),
        ),
        (typed) => {
          const { subject, html } = render(template, `x${typed}`);
          expect(html.match(/<[a-z!/]/gi)?.length).toBe(plain);
          expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029\u202E]/u);
          expect(subject.length).toBeLessThan(120);
        },
      ),
    );
  });
});

it('puts the token behind the #, where no server logs it', () => {
  expect(render('verify-email').text).toContain(
    'https://app.example.com/verify-email#token=tg_mail_abc\n',
  );
});

it('breaks lines of text after 72 columns at most, but for addresses of pages', () => {
  for (const template of MAIL_TEMPLATES) {
    const long = render(template)
      .text.split('\n')
      .filter((line) => line.length > 72);
    expect(long.filter((line) => !line.startsWith('https://'))).toEqual([]);
  }
});

it('tells the time of what happened, in UTC', () => {
  expect(render('password-changed').text.replaceAll('\n', ' ')).toContain(
    'on 21 November 2026 at 17:20 UTC.',
  );
});
