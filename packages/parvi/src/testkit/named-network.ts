// The network in memory of a test cluster: a name that is nobody's is a slip of the test, which would go on as if it had
// cut something.

import { MemoryNetwork, type MemoryNetworkOptions } from '../remote/index.ts';

export class NamedNetwork extends MemoryNetwork {
  readonly #check: (host: string) => void;

  /** `check` throws when no node has that name. */
  constructor(options: MemoryNetworkOptions, check: (host: string) => void) {
    super(options);
    this.#check = check;
  }

  override cut(fromHost: string, toHost: string): void {
    this.#check(fromHost);
    this.#check(toHost);
    super.cut(fromHost, toHost);
  }

  override breakLinks(hostA: string, hostB: string): number {
    this.#check(hostA);
    this.#check(hostB);
    return super.breakLinks(hostA, hostB);
  }

  override crash(host: string): void {
    this.#check(host);
    super.crash(host);
  }
}
