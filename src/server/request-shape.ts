import type { IncomingMessage } from 'node:http';

/** RFC 9112, 3.2: such a request is refused, since a proxy before us may have read the other one. */
export function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  const isHost = (text: string, at: number) => at % 2 === 0 && text.toLowerCase() === 'host';
  return rawHeaders.filter(isHost).length > 1;
}
