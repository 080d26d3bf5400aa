import { BlockList, isIP } from 'node:net';

/** Networks that are not of the internet: a URL there would reach what stands beside the program. */
const INSIDE: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
];
/** All that is routed, but the prefixes that carry an IPv4 address, documentation and tunnels. */
const OUTSIDE_IPV6 = ['2000::', 3, 'ipv6'] as const;
const INSIDE_IPV6 = [
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['3fff::', 20, 'ipv6'],
] as const;

/** Names that no public resolver answers for (RFC 6761, RFC 8375, and ICANN's `internal`). */
const INSIDE_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home\.arpa|test|invalid|onion)$/;

const inside = listOf([...INSIDE, ...INSIDE_IPV6]);
const routedIpv6 = listOf([OUTSIDE_IPV6]);

/**
 * The URL of a service of others, without a slash at its end; undefined for anything but https to a
 * public name or address, with no user, query or fragment. `isInsideAllowed`: http, and addresses of this
 * machine and its networks, as well.
 *
 * A public name may still lead inside: whoever connects checks the address that it resolved to.
 */
export function parseOutsideUrl(
  text: string,
  { isInsideAllowed }: { readonly isInsideAllowed: boolean },
): string | undefined {
  const url = URL.parse(text);
  if (!url || url.username || url.password || /[?#]/.test(text)) return undefined;
  const isSafe = url.protocol === 'https:' && !isInside(url.hostname);
  const isLocal = isInsideAllowed && /^https?:$/.test(url.protocol);
  return isSafe || isLocal ? url.href.replace(/\/+$/, '') : undefined;
}

/** Whether a connection to an address, as a resolver writes it, leaves this machine and its networks. */
export function isOutsideAddress(address: string): boolean {
  return isIP(address) !== 0 && !isInside(address);
}

/** Of a host as URL writes it: small letters, plain dotted numbers, brackets around IPv6. */
function isInside(host: string): boolean {
  const name = host.replace(/\.$/, '');
  const address = name.replace(/^\[(.*)\]$/, '$1');
  switch (isIP(address)) {
    case 4:
      return inside.check(address, 'ipv4');
    case 6:
      return !routedIpv6.check(address, 'ipv6') || inside.check(address, 'ipv6');
    default:
      return !name.includes('.') || INSIDE_NAME.test(name);
  }
}

function listOf(networks: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix, family] of networks) list.addSubnet(network, prefix, family);
  return list;
}
