// A controller as an actor: messages in, the node behind it does the rest. Death watch and membership tell it of workers
// and controllers that are gone.

import type { Timers } from 'parvi';
import { type ActorContext, ActorRef, type ActorSystem, actor } from 'parvi/actor';
import type { ControllerLink } from './controller-link.ts';
import { ControllerNode } from './controller-node.ts';
import { GridService } from './grid-service.ts';
import { controllerRole, type GridMember, isActive, type Membership } from './membership.ts';
import { registerControllerMetrics } from './metrics.ts';
import { systemMeter } from './node-meter.ts';
import { type ControllerOptions, controllerDefaults } from './options.ts';
import { controllerAt, controllerPath } from './places.ts';
import type { Answer, ControllerMessage, JobQuery } from './protocol.ts';
import { Questions } from './questions.ts';
import { startReserve } from './reserve.ts';
import type { SpoolDisk } from './storage/spool.ts';
import { nodeThreads } from './threads/node-threads.ts';
import type { StartThread } from './threads/thread-pool.ts';
import type { MemberChange } from './views.ts';

export interface ControllerSetup {
  readonly membership: Membership;
  readonly options?: Partial<ControllerOptions>;
  readonly disk?: SpoolDisk;
  /** For trades that somebody waits for while no worker is there. */
  readonly startThread?: StartThread;
}

export interface ControllerHandle {
  readonly node: ControllerNode;
  readonly service: GridService;
  readonly ref: ActorRef<ControllerMessage>;
}

/** Starts the controller of this node. It drains and closes with the system's coordinated shutdown. */
export function spawnController(system: ActorSystem, setup: ControllerSetup): ControllerHandle {
  const { membership } = setup;
  const questions = new Questions(system.runtime.timers);
  const ref: ActorRef<ControllerMessage> = system.spawn(
    actor<ControllerMessage>((context) => ({
      onMessage: (message) => {
        if (message.type === 'jobAnswer') return questions.answered(message);
        watchWorker(context, message);
        node.receive(message);
      },
      onTerminated: (gone) => {
        node.scheduler.dispatch({ kind: 'workerGone', worker: gone.path });
      },
    })),
    controllerPath.slice('/user/'.length),
  );
  const links = new ControllerLinks(system, membership, (other, query) =>
    questions.ask(other, ref, query),
  );
  const node: ControllerNode = new ControllerNode(
    {
      clock: system.runtime.clock,
      timers: system.runtime.timers,
      log: system.log.child({ role: 'controller' }),
      tracing: system.tracing,
      self: ref,
      membership,
      links: () => links.active(),
      meter: systemMeter(),
      ...(setup.disk === undefined ? {} : { disk: setup.disk }),
    },
    { ...controllerDefaults, ...setup.options },
  );
  registerControllerMetrics(system.metrics, node);
  const reserve = startReserve(node, setup.startThread ?? nodeThreads());
  const members = membership.subscribe((member, change) =>
    memberChanged(node, links, member, change),
  );
  for (const link of links.active()) node.greet(link);
  const shutdown = system.coordinatedShutdown;
  // Coordinated shutdown has begun, so the node is not ready any more: who asks has so long to turn away.
  shutdown.addTask('before-service-unbind', 'grid-controller-drain', async () => {
    await passed(system.runtime.timers, node.options.leaveNoticeMs);
    await node.drain();
  });
  shutdown.addTask('before-actor-system-terminate', 'grid-controller-close', () => {
    members.cancel();
    reserve.leave();
    return node.close();
  });
  return { node, service: new GridService(node), ref };
}

function passed(timers: Timers, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms === 0) resolve();
    else timers.after(ms, resolve);
  });
}

function watchWorker(context: ActorContext<ControllerMessage>, message: ControllerMessage): void {
  if (message.type === 'workerStatus' && message.worker instanceof ActorRef) {
    context.watch(message.worker);
  }
}

function memberChanged(
  node: ControllerNode,
  links: ControllerLinks,
  member: GridMember,
  change: MemberChange,
): void {
  const { address } = member;
  if (change === 'removed') {
    links.forget(address);
    node.workerGone(address);
    node.controllerGone(address);
  } else if (change === 'unreachable') node.scheduler.addressLost(address, false);
  else if (change === 'up' || change === 'weakly-up') {
    const link = links.active().find((other) => other.address === address);
    if (link !== undefined) node.greet(link);
  }
}

type Ask = (other: ActorRef<ControllerMessage>, query: JobQuery) => Promise<Answer<unknown>>;

/** The other controllers by membership. */
class ControllerLinks {
  readonly #system: ActorSystem;
  readonly #membership: Membership;
  readonly #ask: Ask;
  readonly #links = new Map<string, ControllerLink>();

  constructor(system: ActorSystem, membership: Membership, ask: Ask) {
    this.#system = system;
    this.#membership = membership;
    this.#ask = ask;
  }

  active(): readonly ControllerLink[] {
    const links: ControllerLink[] = [];
    for (const member of this.#membership.members()) {
      const isOther = member.address !== this.#membership.selfAddress;
      if (isOther && member.roles.includes(controllerRole) && isActive(member)) {
        links.push(this.#link(member.address));
      }
    }
    return links;
  }

  forget(address: string): void {
    this.#links.delete(address);
  }

  #link(address: string): ControllerLink {
    const known = this.#links.get(address);
    if (known !== undefined) return known;
    const ref = controllerAt(this.#system, address);
    const link: ControllerLink = {
      address,
      isReachable: () =>
        this.#membership.members().some((one) => one.address === address && one.reachable),
      tell: (message) => ref.tell(message),
      ask: (query) => this.#ask(ref, query),
    };
    this.#links.set(address, link);
    return link;
  }
}
