/** An address as it stands in the head of a mail. */
export interface MailAddress {
  /** What mail programs show; empty for none. */
  readonly name: string;
  readonly address: string;
}

/** No space, no bracket, no separator, and nothing that would end a line of a mail's head. */
const ADDRESS = /^[^\s<>()[\]",;:\\@\p{C}]{1,64}@[^\s<>()[\]",;:\\@\p{C}]{1,255}$/u;
const NAMED = /^(?<name>[^<>"\p{C}]{1,100})<(?<address>[^<>]+)>$/u;

/** Reads `person@example.com` or `Name <person@example.com>`; undefined for anything else. */
export function parseMailAddress(text: string): MailAddress | undefined {
  const { name = '', address = text } = NAMED.exec(text.trim())?.groups ?? {};
  if (!ADDRESS.test(address.trim())) return undefined;
  return { name: name.trim(), address: address.trim() };
}
