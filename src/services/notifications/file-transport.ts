import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import type { MailTransport } from './mail-transport.ts';
import { mimeOf } from './mime.ts';

const OWNER_ONLY = { folder: 0o700, file: 0o600 };

/**
 * Writes each mail to a file `<id>-<template>.eml`, for a developer to open with any mail program. The
 * file is there as a whole or not at all, and readable by its owner alone: links are in it.
 */
export function createFileTransport({ directory }: { readonly directory: string }): MailTransport {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    async deliver(message) {
      const { message: bytes } = await composer.sendMail(mimeOf(message));
      await mkdir(directory, { recursive: true, mode: OWNER_ONLY.folder });
      const file = path.join(directory, `${message.id}-${message.template}.eml`);
      const draft = `${file}.${String(process.pid)}`;
      await writeFile(draft, bytes as Buffer, { mode: OWNER_ONLY.file });
      await rename(draft, file);
    },
  };
}
