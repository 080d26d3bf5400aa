import { expect, test } from 'vitest';
import { hashesAtOnce } from '../../../src/services/accounts/hashes-at-once.ts';

test.each([
  { cores: 1, hashes: 1 },
  { cores: 2, hashes: 1 },
  { cores: 3, hashes: 2 },
  { cores: 4, hashes: 3 },
  { cores: 64, hashes: 3 },
])('$cores cores hash $hashes passwords at once', ({ cores, hashes }) => {
  expect(hashesAtOnce(cores)).toBe(hashes);
});
