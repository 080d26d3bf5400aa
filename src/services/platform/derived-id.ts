import { createHash } from 'node:crypto';

/**
 * The id of what has no id of its own, and is the same whenever these parts are: a UUID of version 8
 * (RFC 9562, section 5.8) from their hash.
 */
export function derivedId(parts: readonly string[]): string {
  const hash = createHash('sha256').update(parts.join('\n')).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...groups, hex.slice(20, 32)].join('-');
}
