import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import PostalMime from 'postal-mime';
import { expect, it } from 'vitest';
import { createFileTransport } from '../../../src/services/notifications/file-transport.ts';
import { FROM } from '../../support/mail-transports.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

it('writes a mail to a file that its owner alone may read, once however often it is sent', async () => {
  const directory = path.join(await temporaryFolder({}), 'mail');
  const transport = createFileTransport({ directory });
  const message = {
    ...{ id: '01930000-0000-7000-8000-000000000001', template: 'account-approved' as const },
    ...{ from: FROM, recipient: 'ada@example.com', date: new Date('2026-11-21T17:20:00Z') },
    ...{ subject: 'Your account is ready', html: '<p>Hello ada,</p>', text: 'Hello ada,' },
  };
  const signal = new AbortController().signal;
  await transport.deliver(message, signal);
  await transport.deliver(message, signal);
  const file = '01930000-0000-7000-8000-000000000001-account-approved.eml';
  expect(readdirSync(directory)).toEqual([file]);
  expect(statSync(path.join(directory, file)).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  const mail = await PostalMime.parse(readFileSync(path.join(directory, file)));
  expect(mail).toMatchObject({
    ...{ subject: 'Your account is ready', to: [{ address: 'ada@example.com' }] },
  });
});
