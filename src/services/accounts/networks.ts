import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;

const CIDR = /^(?<address>[^/%]+)(?:\/(?<bits>\d{1,3}))?$/;

/**
 * An address or a network (`192.0.2.7`, `198.51.100.0/24`, `2001:db8::/32`) as it is stored: in
 * CIDR, the address shortened, and without the bits that a network does not say. Undefined for
 * anything else.
 */
export function parseNetwork(text: string): string | undefined {
  const { address = '', bits } = CIDR.exec(text.trim())?.groups ?? {};
  // ipaddr.js takes `127.1` and `0x7f000001` as well, which people do not mean.
  if (isIP(address) === 0) return undefined;
  const parsed = ipaddr.parse(address);
  const isMapped = parsed.kind() === 'ipv6' && (parsed as ipaddr.IPv6).isIPv4MappedAddress();
  // A mapped address is one of IPv4, and is written so; what a prefix of it would mean is anyone's
  // guess.
  if (isMapped && bits !== undefined) return undefined;
  const plain = ipaddr.process(address);
  const length = plain.toByteArray().length * 8;
  const kept = bits === undefined ? length : Number(bits);
  return kept <= length ? `${maskedTo(plain, kept)}/${String(kept)}` : undefined;
}

/** Whether an address lies in one of the networks, as {@link parseNetwork} writes them. */
export function isWithin(address: string | null, networks: readonly string[]): boolean {
  // What the peer says of its zone (`fe80::1%eth0`) is no part of where it is.
  const plainText = address?.split('%', 1)[0] ?? '';
  if (isIP(plainText) === 0) return false;
  const plain = ipaddr.process(plainText);
  return networks.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === plain.kind() && plain.match(base, bits);
  });
}

function maskedTo(address: Address, bits: number): string {
  const bytes = address.toByteArray().map((byte, at) => {
    const keptBits = Math.min(8, Math.max(0, bits - at * 8));
    return byte & (0xff << (8 - keptBits)) & 0xff;
  });
  return ipaddr.fromByteArray(bytes).toString();
}
