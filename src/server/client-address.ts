import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';

/** The address of who calls; null when the connection is gone already. */
export type ClientAddress = (request: IncomingMessage) => string | null;

/**
 * The caller's address: the peer's own, or, when that is a trusted proxy, the nearest one in
 * X-Forwarded-For that is no trusted proxy. Anyone may send that header, so nobody else's is believed.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  return (request) => {
    const { remoteAddress = null } = request.socket;
    const isForwarded = request.headers['x-forwarded-for'] !== undefined;
    return remoteAddress !== null && isForwarded ? proxyAddr(request, isTrusted) : remoteAddress;
  };
}
