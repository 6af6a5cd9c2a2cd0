// The port to DNS: one question to the name servers, answered with the records that discovery needs.

export interface DnsQuestion {
  /** Whole, without search domains. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'SRV';
}

interface OwnedRecord {
  /** Lower case, without a dot at the end. */
  readonly name: string;
  /** How long it may be remembered. */
  readonly ttlSeconds: number;
}

export interface DnsAddressRecord extends OwnedRecord {
  readonly type: 'A' | 'AAAA';
  readonly ip: string;
}

export interface DnsServiceRecord extends OwnedRecord {
  readonly type: 'SRV';
  readonly target: string;
  readonly port: number;
}

export type DnsRecord = DnsAddressRecord | DnsServiceRecord;

export interface DnsAnswer {
  /** What was asked for; none when there is no such name. */
  readonly records: readonly DnsRecord[];
  /** What the server says besides, such as the addresses of services. */
  readonly additional: readonly DnsRecord[];
}

/** Who is asked, and what is tried for names that are not whole. */
export interface ResolverSettings {
  /** `10.0.0.10`, `127.0.0.1:5353`, `[fd00::a]:53`, in the order in which they are asked. */
  readonly servers: readonly string[];
  /** Others than the machine's: names that they lead to are looked up with them, too. */
  readonly isOwn?: boolean;
  readonly searchDomains: readonly string[];
  /** Names with fewer dots are first tried with the search domains. */
  readonly ndots: number;
}

/** Asks the servers in turn. Rejects with an Error that says what each did; also after `limitMs`. */
export type AskDns = (
  question: DnsQuestion,
  servers: readonly string[],
  limitMs: number,
) => Promise<DnsAnswer>;
