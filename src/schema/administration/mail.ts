import { MailStateConflict } from '../../services/administration/errors.ts';
import type { ListedMail } from '../../services/administration/mail-administration.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';
import { connectionOf } from '../list.ts';

const MailStatusEnum = builder.enumType('MailStatus', {
  description: 'What became of a mail.',
  values: {
    QUEUED: { description: 'Waits to be sent, or to be tried again.' },
    SENT: { description: 'The relay took it.' },
    FAILED: { description: 'Was refused for good, or could not be sent for a day.' },
    DROPPED: { description: 'The address was that of nobody, so there was nobody to send it to.' },
  },
});

export const Mail = builder.objectRef<ListedMail>('Mail');
Mail.implement({
  description: 'A mail to somebody. What stands in it is not shown: it may let people in.',
  fields: (t) => ({
    id: t.expose('id', {
      type: 'UUID',
      description: 'Its own, as logs and its Message-ID have it.',
    }),
    recipient: t.exposeString('recipient', { description: 'The address that it goes to.' }),
    template: t.exposeString('template', {
      description: 'What it is about, such as `account-approved`.',
    }),
    status: t.expose('status', { type: MailStatusEnum, description: 'What became of it.' }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried, at most 30 times.' }),
    lastError: t.exposeString('lastError', {
      nullable: true,
      description: 'What the relay said to the last try. Null when nothing was wrong with it.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When what it tells of was done.',
    }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it is tried again. Null when it is done with.',
    }),
    sentAt: t.expose('sentAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the relay took it. Null when it did not.',
    }),
  }),
});

export const MailConnection = connectionOf(Mail, { name: 'Mail', entries: 'mails' });

export const MailFilterInput = builder.inputType('MailFilter', {
  description: 'What narrows a list of mails.',
  fields: (t) => ({
    status: t.field({ type: [MailStatusEnum], required: false, description: 'One of these.' }),
  }),
});

builder.objectType(MailStateConflict, {
  name: 'MailStateConflictError',
  description:
    'Only a mail that failed is tried again: this one waits, was sent, or is for nobody.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    status: t.expose('status', { type: MailStatusEnum, description: 'What became of it.' }),
  }),
});
