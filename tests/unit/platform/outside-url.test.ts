import { describe, expect, test } from 'vitest';
import { parseOutsideUrl } from '../../../src/services/platform/outside-url.ts';

const strict = (text: string) => parseOutsideUrl(text, { isInsideAllowed: false });
const lenient = (text: string) => parseOutsideUrl(text, { isInsideAllowed: true });

describe('a URL of the internet', () => {
  test.each([
    ['https://api.openai.com/v1', 'https://api.openai.com/v1'],
    ['https://api.openai.com/v1/', 'https://api.openai.com/v1'],
    ['https://API.OpenAI.com', 'https://api.openai.com'],
    ['https://gateway.example.com:8443/a/b', 'https://gateway.example.com:8443/a/b'],
    ['https://8.8.8.8', 'https://8.8.8.8'],
    ['https://[2606:4700:4700::1111]/dns', 'https://[2606:4700:4700::1111]/dns'],
    ['https://xn--bcher-kva.example.com', 'https://xn--bcher-kva.example.com'],
    ['https://172.32.0.1', 'https://172.32.0.1'],
  ])('%s is kept', (text, kept) => {
    expect(strict(text)).toBe(kept);
    expect(lenient(text)).toBe(kept);
  });
});

/** Each is a way to this machine, its networks, the metadata of a cloud, or nowhere. */
const INSIDE = [
  'https://localhost',
  'https://LOCALHOST.',
  'https://ollama',
  'https://app.localhost/',
  'https://printer.local',
  'https://metadata.google.internal',
  'https://127.0.0.1',
  'https://127.1',
  'https://2130706433',
  'https://0x7f.0.0.1',
  'https://0177.0.0.1',
  'https://①②⑦.⓪.⓪.①',
  'https://0.0.0.0',
  'https://10.1.2.3',
  'https://100.64.0.1',
  'https://169.254.169.254/latest/meta-data',
  'https://172.16.0.1',
  'https://172.31.255.255',
  'https://192.168.1.1',
  'https://198.18.0.1',
  'https://224.0.0.1',
  'https://255.255.255.255',
  'https://[::1]',
  'https://[::]',
  'https://[::ffff:127.0.0.1]',
  'https://[::ffff:8.8.8.8]',
  'https://[64:ff9b::7f00:1]',
  'https://[2002:7f00:1::]',
  'https://[2001:db8::1]',
  'https://[fc00::1]',
  'https://[fe80::1]',
  'https://[ff02::1]',
  'http://api.openai.com',
];

/** What is no URL of a service, wherever it leads. */
const WRONG = [
  '',
  'api.openai.com',
  '//api.openai.com',
  'ftp://api.openai.com',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'https://',
  'https://user@api.openai.com',
  'https://user:secret@api.openai.com',
  'https://api.openai.com/?key=secret',
  'https://api.openai.com/?',
  'https://api.openai.com/#',
];

describe('a URL that leads inside, or is not sealed on its way,', () => {
  test.each(INSIDE)('is refused, and taken in development: %s', (text) => {
    expect(strict(text)).toBeUndefined();
    expect(lenient(text)).toMatch(/^https?:/);
  });

  test.each(['http://localhost:11434', 'http://127.0.0.1:11434/v1'])(
    'is that of a model of this machine: %s',
    (text) => {
      expect(strict(text)).toBeUndefined();
      expect(lenient(text)).toBe(text);
    },
  );
});

test.each(WRONG)('refused everywhere: "%s"', (text) => {
  expect(strict(text)).toBeUndefined();
  expect(lenient(text)).toBeUndefined();
});
