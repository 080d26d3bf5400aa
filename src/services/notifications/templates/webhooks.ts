import type { MailWords } from '../mail-content.ts';

export const webhookDisabled: MailWords<'webhook-disabled'> = (
  { username, failure },
  { time },
) => ({
  subject: 'A webhook was switched off',
  preview: 'Its receiver took nothing, however often it was tried.',
  heading: 'A webhook was switched off',
  paragraphs: [
    `Hello ${username},`,
    'The receiver of a webhook of yours did not take an event, and it is not tried any more. Your ' +
      'webhooks are listed with what went wrong, and the one that says DISABLED goes on where it stopped ' +
      'when you set it going again.',
  ],
  details: [
    { name: 'Last failure', value: failure },
    { name: 'When', value: time },
  ],
  notes: ['Events are kept for some days. What is older when it goes on is told as a gap.'],
  reason: 'you have a webhook at Tradegraph',
});
