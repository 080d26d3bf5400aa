/** Longer than any device says of itself. It is stored with each session and each audit record. */
const KEPT_CHARACTERS = 500;

/** What a client says of itself, cut to what is kept; null when it says nothing. */
export function userAgentOf(header: string | null | undefined): string | null {
  return header ? header.slice(0, KEPT_CHARACTERS) : null;
}
