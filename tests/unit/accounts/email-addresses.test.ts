import { describe, expect, it } from 'vitest';
import { parseEmail } from '../../../src/services/accounts/names.ts';

describe('an address', () => {
  it.each([
    ...['<a@b.com>', 'Ada <a@b.com>', 'a@[127.0.0.1]', 'a@127.0.0.1', 'a@b..com', '"a b"@b.com'],
    ...['"a"@b.com', 'a,b@b.com', 'a@b.com,c@d.com', 'a;b@b.com', '.a@b.com', 'a.@b.com'],
    ...['a..b@b.com', 'a@.b.com', 'a@b.com.', 'a@-b.com', 'a@b-.com', 'a@b_c.com', 'a@b.com(x)'],
    ...['a(x)@b.com', 'a\\b@b.com', 'a:b@b.com', 'a@b@c.com', '@b.com', 'a@', 'a b@c.com'],
    ...['a\u200B@b.com', 'a@b\u202E.com', `a@${'b'.repeat(64)}.com`, 'a\n@b.com'],
  ])('is not %j', (email) => {
    expect(() => parseEmail(email)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', field: 'email' }) as Error,
    );
  });

  it.each([
    ...[
      'a@b.com',
      'ada.lovelace+bots@mail.example.co.uk',
      "o'neil@b.com",
      'a_b-c@b.com',
      '1@2.com',
    ],
    ...[
      'a@xn--bcher-kva.example',
      'a@bücher.example',
      'josé@b.com',
      '用户@例子.广告',
      'a@4chan.org',
    ],
    ...['a@x1.example', `a@${'b'.repeat(63)}.com`, 'root@localhost', '!#$%&*/=?^`{|}~@b.com'],
  ])('is %s', (email) => {
    expect(parseEmail(` ${email} `).email).toBe(email);
  });
});
