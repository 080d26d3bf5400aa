import { describe, expect, test } from 'vitest';
import { textFrame } from '../../../src/server/socket-frame.ts';

/** The head of a frame of so many bytes, in hexadecimal; and whether the rest is what was given. */
function framed(length: number) {
  const text = Buffer.alloc(length, 'ab');
  const frame = textFrame([text.subarray(0, 3), text.subarray(3)]);
  const head = frame.subarray(0, frame.length - length);
  return { head: head.toString('hex'), isWhole: frame.subarray(head.length).equals(text) };
}

describe('the frame of a text', () => {
  // RFC 6455, 5.2: 0x81 is a text that ends with this frame. Up to 125 the length is the second byte;
  // 126 (0x7e) says that two bytes of length follow, and 127 (0x7f) that eight do.
  test.each([
    [5, '8105'],
    [125, '817d'],
    [126, '817e007e'],
    [65_535, '817effff'],
    [65_536, '817f0000000000010000'],
  ])('of %i bytes begins with %s', (length, head) => {
    expect(framed(length)).toEqual({ head, isWhole: true });
  });

  test('counts bytes, and not characters', () => {
    const frame = textFrame([Buffer.from('"€'), Buffer.from('ü"')]);
    // A quote, three bytes of the euro, two of the umlaut, a quote.
    expect(frame.toString('hex')).toBe(`8107${Buffer.from('"€ü"').toString('hex')}`);
  });

  test('may be empty', () => {
    expect(textFrame([]).toString('hex')).toBe('8100');
  });
});
