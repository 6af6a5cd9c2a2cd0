// Discovery by DNS, with the lookups and results of Pekko's `DnsServiceDiscovery`: SRV records where a port name and a
// protocol are given, addresses otherwise. Answers are remembered for as long as they say.

import { type Clock, errorLine } from '../runtime/index.ts';
import type { ServiceDiscovery, ServiceQuery } from './discovery.ts';
import type { AskDns, DnsAnswer, DnsQuestion, DnsRecord, ResolverSettings } from './dns.ts';
import { DiscoveryError } from './errors.ts';
import { candidateNames } from './resolver-file.ts';
import type { ResolvedTarget } from './target.ts';

export interface DnsDiscoveryPorts {
  readonly clock: Clock;
  readonly ask: AskDns;
  /** Asked at each lookup, as files of name servers change. */
  readonly settings: () => ResolverSettings;
}

export function dnsDiscovery(ports: DnsDiscoveryPorts): ServiceDiscovery {
  const lookups = new DnsLookups(ports);
  return { name: 'dns', lookup: (query, limitMs) => lookups.lookup(query, limitMs) };
}

interface Remembered {
  readonly answer: DnsAnswer;
  readonly untilMs: number;
}

class DnsLookups {
  readonly #ports: DnsDiscoveryPorts;
  readonly #remembered = new Map<string, Remembered>();

  constructor(ports: DnsDiscoveryPorts) {
    this.#ports = ports;
  }

  /** Tries the names one after the other until there is an answer; the time is for all of them. */
  async lookup(query: ServiceQuery, limitMs: number): Promise<readonly ResolvedTarget[]> {
    const { clock } = this.#ports;
    const settings = this.#ports.settings();
    if (settings.servers.length === 0) throw unconfigured(query);
    const untilMs = clock.nowMs() + limitMs;
    const failures: string[] = [];
    for (const name of candidateNames(queriedName(query), settings)) {
      const restMs = untilMs - clock.nowMs();
      if (restMs <= 0) break;
      const ask = (type: DnsQuestion['type']) => this.#ask({ name, type }, settings, restMs);
      try {
        const targets = isForService(query)
          ? await this.#withAddresses(serviceTargets(await ask('SRV')), settings, restMs)
          : await addressTargets(ask);
        if (targets.length > 0) return targets;
      } catch (error) {
        failures.push(`"${name}": ${errorLine(error)}`);
      }
    }
    if (failures.length > 0) throw failed(query, failures);
    if (clock.nowMs() >= untilMs) throw late(query, limitMs);
    return [];
  }

  /**
   * Addresses of services that came without any. The machine's own resolver finds those of its name servers by itself,
   * and knows more; of other servers it knows nothing.
   */
  async #withAddresses(
    targets: readonly ResolvedTarget[],
    settings: ResolverSettings,
    limitMs: number,
  ): Promise<readonly ResolvedTarget[]> {
    if (settings.isOwn !== true) return targets;
    const looked = targets.map(async (target): Promise<readonly ResolvedTarget[]> => {
      const { host: name, port, ip } = target;
      if (ip !== undefined) return [target];
      const found = await addressTargets((type) =>
        this.#ask({ name, type }, settings, limitMs),
      ).catch(() => []);
      return found.length === 0 ? [target] : found.map((one) => ({ host: name, port, ip: one.ip }));
    });
    return (await Promise.all(looked)).flat();
  }

  async #ask(
    question: DnsQuestion,
    { servers }: ResolverSettings,
    limitMs: number,
  ): Promise<DnsAnswer> {
    const { clock, ask } = this.#ports;
    const key = `${question.type} ${question.name}`;
    const known = this.#remembered.get(key);
    if (known !== undefined && clock.nowMs() < known.untilMs) return known.answer;
    this.#remembered.delete(key);
    const answer = await ask(question, servers, limitMs);
    const ttlMs = shortestTtlMs(answer.records);
    if (ttlMs > 0) this.#remembered.set(key, { answer, untilMs: clock.nowMs() + ttlMs });
    return answer;
  }
}

function isForService({ portName = '', protocol = '' }: ServiceQuery): boolean {
  return portName !== '' && protocol !== '';
}

function queriedName(query: ServiceQuery): string {
  const { serviceName, portName, protocol } = query;
  return isForService(query) ? `_${portName}._${protocol}.${serviceName}` : serviceName;
}

/** An answer without records is not remembered: what one waits for would come late. */
function shortestTtlMs(records: readonly DnsRecord[]): number {
  if (records.length === 0) return 0;
  return Math.min(...records.map(({ ttlSeconds }) => ttlSeconds)) * 1000;
}

/** One target for each address of each service; without an address where the server did not tell it. */
function serviceTargets({ records, additional }: DnsAnswer): ResolvedTarget[] {
  return records.flatMap((record): ResolvedTarget[] => {
    if (record.type !== 'SRV') return [];
    const { target: host, port } = record;
    const ips = addressesOf(additional.filter(({ name }) => name === host));
    return ips.length === 0
      ? [{ host, port, ip: undefined }]
      : ips.map((ip) => ({ host, port, ip }));
  });
}

/** Some servers do not answer one of the two kinds; what the other gives is enough. */
async function addressTargets(
  ask: (type: 'A' | 'AAAA') => Promise<DnsAnswer>,
): Promise<ResolvedTarget[]> {
  const answers = await Promise.allSettled([ask('A'), ask('AAAA')]);
  const ips = answers.flatMap((each) =>
    each.status === 'fulfilled' ? addressesOf(each.value.records) : [],
  );
  const refused = answers.find((each) => each.status === 'rejected');
  if (ips.length === 0 && refused !== undefined) throw refused.reason;
  return ips.map((ip) => ({ host: ip, port: undefined, ip }));
}

function addressesOf(records: readonly DnsRecord[]): string[] {
  return records.flatMap((record) => (record.type === 'SRV' ? [] : [record.ip]));
}

function unconfigured({ serviceName }: ServiceQuery): DiscoveryError {
  return new DiscoveryError(
    'DISCOVERY_DNS_UNCONFIGURED',
    `Cannot look up "${serviceName}" by DNS: the machine names no name server; set discovery.dns.servers`,
    { fields: { serviceName } },
  );
}

function failed(query: ServiceQuery, failures: readonly string[]): DiscoveryError {
  const name = queriedName(query);
  return new DiscoveryError(
    'DISCOVERY_DNS_FAILED',
    `Cannot look up "${name}" by DNS: ${failures.join('; ')}; check the name, and that the name servers can be reached from here`,
    { fields: { name } },
  );
}

function late(query: ServiceQuery, limitMs: number): DiscoveryError {
  const name = queriedName(query);
  return new DiscoveryError(
    'DISCOVERY_TIMEOUT',
    `Cannot look up "${name}" by DNS: not all of its search domains could be tried within ${Math.round(limitMs)} ms; write the whole name with a dot at its end`,
    { fields: { name, limitMs } },
  );
}
