// How messages get from one simulated process to another: by address or back to a sender, over the network's links, and
// not past a quarantine. Stands for remoting, of which it has the rules that membership depends on.

import type {
  ClusterActor,
  ClusterInput,
  ClusterMessage,
  ClusterNode,
  Correspondent,
  Effect,
} from '../cluster/index.ts';
import type { Address } from '../wire/index.ts';
import type { Delivery, SimNetwork } from './sim-network.ts';
import type { Ban, SimProcess } from './sim-process.ts';

/** As in remoting's inbox. */
const reminderMs = 10_000;

interface SimCorrespondent extends Correspondent {
  readonly process: SimProcess;
  readonly actor: ClusterActor;
}

export interface Packet {
  readonly from: SimProcess;
  /** Set for answers: only this incarnation takes them. */
  readonly to: SimProcess | undefined;
  readonly actor: ClusterActor;
  readonly fromActor: ClusterActor;
  readonly message: ClusterMessage | { readonly type: 'Quarantined'; readonly node: string };
}

export interface SimPostOptions {
  readonly network: SimNetwork<Packet>;
  readonly addresses: readonly Address[];
  readonly nowMs: () => number;
  /** The process that runs, or ran last, at the host. */
  readonly current: (host: number) => SimProcess | undefined;
  readonly deliver: (delivery: Delivery<Packet>, host: number) => void;
}

export class SimPost {
  readonly #options: SimPostOptions;
  readonly #hostByAddress = new Map<string, number>();

  constructor(options: SimPostOptions) {
    this.#options = options;
    options.addresses.forEach((address, host) => {
      this.#hostByAddress.set(`${address.host}:${address.port}`, host);
    });
  }

  send(process: SimProcess, effect: Extract<Effect, { type: 'send' }>): void {
    const { to, actor, from: fromActor, message } = effect;
    this.#dispatch(to, { from: process, to: undefined, actor, fromActor, message });
  }

  reply(process: SimProcess, effect: Extract<Effect, { type: 'reply' }>): void {
    const { process: to, actor, address } = effect.to as SimCorrespondent;
    if (process.quarantined.has(to.node.key)) return;
    const { from: fromActor, message } = effect;
    this.#dispatch(address, { from: process, to, actor, fromActor, message });
  }

  /** Bans an incarnation; unless harmlessly, it is told once. */
  quarantine(process: SimProcess, node: ClusterNode, harmless: boolean): void {
    process.quarantined.set(node.key, { harmless, toldAtMs: this.#options.nowMs() });
    const host = this.#hostByAddress.get(`${node.address.host}:${node.address.port}`);
    const other = host === undefined ? undefined : this.#options.current(host);
    if (!harmless && other?.node.key === node.key) this.#tellQuarantined(process, other);
  }

  /** What a packet means to the process that it has come to; nothing, if it is not for it or from a banned one. */
  received(packet: Packet, process: SimProcess): ClusterInput | undefined {
    if (packet.to !== undefined && packet.to !== process) return undefined;
    const { message, from } = packet;
    if (message.type === 'Quarantined') {
      if (message.node !== process.node.key) return undefined;
      return { type: 'quarantinedByRemote', node: from.node.key };
    }
    const ban = process.quarantined.get(from.node.key);
    if (ban !== undefined) {
      const isHeartbeat = message.type === 'Heartbeat' || message.type === 'HeartbeatRsp';
      if (!isHeartbeat || this.#isToBeReminded(ban)) this.#tellQuarantined(process, from);
      return undefined;
    }
    const { address } = from.node;
    const sender: SimCorrespondent = { address, process: from, actor: packet.fromActor };
    const receivedAtMs = this.#options.nowMs();
    return { type: 'message', message, sender, to: packet.actor, receivedAtMs };
  }

  /** Handshakes go out with heartbeats, and are answered by a reminder now and then. */
  #isToBeReminded(ban: Ban): boolean {
    const nowMs = this.#options.nowMs();
    if (ban.harmless || nowMs - ban.toldAtMs < reminderMs) return false;
    ban.toldAtMs = nowMs;
    return true;
  }

  #tellQuarantined(process: SimProcess, to: SimProcess): void {
    this.#dispatch(to.node.address, {
      from: process,
      to,
      actor: 'daemon',
      fromActor: 'daemon',
      message: { type: 'Quarantined', node: to.node.key },
    });
  }

  #dispatch(to: Address, packet: Packet): void {
    const host = this.#hostByAddress.get(`${to.host}:${to.port}`);
    if (host === undefined || host === packet.from.host) return;
    const { network, nowMs, deliver } = this.#options;
    const delivery = network.send(packet.from.host, host, packet, nowMs());
    if (delivery !== undefined) deliver(delivery, host);
  }
}
