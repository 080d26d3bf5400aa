import ipaddr from 'ipaddr.js';
import type { SignUpRisk } from '../platform/prisma/enums.ts';
import type { RateLimits, RateRule } from '../platform/rate-limits.ts';
import type { Viewer } from '../platform/viewer.ts';

/** How many sign-ups in an hour are nothing special. */
export interface SignUpRisksConfig {
  /** From one network: 256 addresses of IPv4, a /48 of IPv6. */
  readonly perNetwork: number;
  /** With e-mail addresses of one domain. */
  readonly perDomain: number;
}

export interface SignUpRisks {
  /** Counts a sign-up, and answers why an approver should look twice at it. */
  assess(viewer: Viewer, emailKey: string): Promise<SignUpRisk[]>;
}

const HOUR_SECONDS = 60 * 60;
const IPV4_BYTES = 3;
const IPV6_BYTES = 6;

export function createSignUpRisks({
  rateLimits,
  config,
}: {
  readonly rateLimits: RateLimits;
  readonly config: SignUpRisksConfig;
}): SignUpRisks {
  const window = { windowSeconds: HOUR_SECONDS };
  const networks: RateRule = { name: 'sign-up-network', points: config.perNetwork, ...window };
  const domains: RateRule = { name: 'sign-up-domain', points: config.perDomain, ...window };

  const isOneOfMany = async (rule: RateRule, key: string): Promise<boolean> => {
    await rateLimits.count(rule, key);
    const { taken } = await rateLimits.look(rule, key);
    return taken > rule.points;
  };

  return {
    async assess({ address }, emailKey) {
      const domain = emailKey.slice(emailKey.lastIndexOf('@') + 1);
      const network = networkOf(address);
      // Both are counted, whatever the first one says.
      const isFromMany = network !== undefined && (await isOneOfMany(networks, network));
      const isOfMany = await isOneOfMany(domains, domain);
      const isDisposable = await isDisposableDomain(domain);
      return [
        ...(isDisposable ? (['DISPOSABLE_EMAIL'] as const) : []),
        ...(isFromMany || isOfMany ? (['VELOCITY'] as const) : []),
      ];
    },
  };
}

/** The network that one customer of a provider has, or a small office; undefined for no address. */
export function networkOf(address: string | null): string | undefined {
  if (address === null || !ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  const bytes = parsed.kind() === 'ipv4' ? IPV4_BYTES : IPV6_BYTES;
  return Buffer.from(parsed.toByteArray().slice(0, bytes)).toString('hex');
}

/** Whether the domain, or one above it, gives addresses away that are thrown away after use. */
export async function isDisposableDomain(domain: string): Promise<boolean> {
  // Loaded at the first sign-up: some 56,000 domains take 0.1 s and 7 MB.
  const { default: mailchecker } = await import('mailchecker');
  const disposable = mailchecker.blacklist();
  const labels = domain.split('.');
  return labels.some((_label, at) => disposable.has(labels.slice(at).join('.')));
}
