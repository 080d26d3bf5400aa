/** RFC 6455, 5.2: the last frame of a message, and its only one; a text. */
const FINAL_TEXT = 0x81;
const SHORT_MAX = 125;
const SIXTEEN_BITS_MAX = 0xffff;
/** What says that the length follows, in two bytes or in eight. */
const IN_TWO_BYTES = 126;
const IN_EIGHT_BYTES = 127;

/**
 * A message of a server as it goes over the wire: one text, of these parts in UTF-8. Servers mask
 * nothing, and extensions are not negotiated.
 */
export function textFrame(parts: readonly Buffer[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const headLength = length <= SHORT_MAX ? 2 : length <= SIXTEEN_BITS_MAX ? 4 : 10;
  const frame = Buffer.allocUnsafe(headLength + length);
  frame[0] = FINAL_TEXT;
  if (headLength === 2) {
    frame[1] = length;
  } else if (headLength === 4) {
    frame[1] = IN_TWO_BYTES;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = IN_EIGHT_BYTES;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  let at = headLength;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}
