import { InvalidInput } from '../errors.ts';

const VERSION = 1;
const LENGTH_BYTES = 9;
const LENGTH_CHARACTERS = 12;
const POSITION_MAX = 2n ** 63n - 1n;

/** The opaque text of a global position: base64url of a version byte and 64 bits. */
export function encodeCursor(position: bigint): string {
  const bytes = Buffer.alloc(LENGTH_BYTES);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeBigUInt64BE(position, 1);
  return bytes.toString('base64url');
}

/**
 * The position of a cursor that {@link encodeCursor} made.
 * @throws InvalidInput for any other text; `field` names the argument it came in
 */
export function decodeCursor(cursor: string, field = 'after'): bigint {
  // Node skips what is not base64url, so the text must also be what its bytes are written as.
  const bytes = Buffer.from(cursor.slice(0, LENGTH_CHARACTERS + 1), 'base64url');
  if (bytes.length !== LENGTH_BYTES || bytes.toString('base64url') !== cursor) {
    throw new InvalidInput(field, 'This is not a cursor.');
  }
  if (bytes.readUInt8(0) !== VERSION) {
    throw new InvalidInput(field, 'This cursor is of another version.');
  }
  const position = bytes.readBigUInt64BE(1);
  if (position > POSITION_MAX) throw new InvalidInput(field, 'This is not a cursor.');
  return position;
}
