import { expect, test } from 'vitest';
import { derivedId } from '../../../src/services/platform/derived-id.ts';

test('the same parts make the same id, of version 8 and the variant of the standard', () => {
  // sha256("a\nb") begins 7e18f737 311b2dc3 b2f269dd 78396b03: its 13th digit becomes 8, and its 17th
  // is b already.
  expect(derivedId(['a', 'b'])).toBe('7e18f737-311b-8dc3-b2f2-69dd78396b03');
  expect(derivedId(['b', 'a'])).not.toBe(derivedId(['a', 'b']));
});
