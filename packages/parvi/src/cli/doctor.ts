// doctor: what would keep a node from starting here, or from finding the others. Looks at configuration, certificates,
// names, ports, seed nodes, discovery and clock; changes nothing.

import type { Command } from 'commander';
import { parseFlags } from '../config/index.ts';
import { bareHost, errorLine, isOptionError, nodeVersion, parviVersion } from '../runtime/index.ts';
import { judgeCertificates, type PlannedCertificates } from './certificate-times.ts';
import type { NodeProblem } from './config-commands.ts';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';
import { CliError, CredentialsRefused } from './exit-codes.ts';
import type { NetDoor } from './net-door.ts';
import { countedText, plain, type Style } from './terminal.ts';

/** What the doctor wants to know of the configuration that a node would have. */
export interface NodePlan {
  readonly host: string;
  readonly port: number;
  readonly bindHost: string;
  readonly bindPort: number;
  readonly seedNodes: readonly { readonly host: string; readonly port: number }[];
  readonly management: { readonly host: string; readonly port: number } | undefined;
  /** Of the files of TLS that the node would use. */
  readonly certificates: readonly PlannedCertificates[];
  /** Why what the node wants of Kubernetes cannot be had here. */
  readonly kubernetesProblem: string | undefined;
  /** `undefined` without it. */
  readonly bootstrap: BootstrapPlan | undefined;
  /** What looks like an option and is none of the toolkit: those of an application, if not misspelt. */
  readonly optionsUnknown: readonly string[];
}

export interface BootstrapPlan {
  readonly required: number;
  /** Where others would find this node. */
  readonly self: string;
  /** What is found does not change by starting nodes. */
  readonly isFixed: boolean;
  readonly find: () => Promise<{
    /** Each contact point as text. */
    readonly found: readonly string[];
    readonly isSelfFound: boolean;
  }>;
}

export interface DoctorPorts {
  readonly net: NetDoor;
  /** Reads file, environment and flags, and checks them as a node would. @throws ParviError for which `isOptionError` holds */
  readonly plan: (words: readonly string[]) => Promise<NodePlan>;
  readonly nodeProblem: NodeProblem;
}

type Verdict = 'ok' | 'note' | 'problem';

interface Finding {
  readonly about: string;
  readonly verdict: Verdict;
  readonly text: string;
}

const marks: Readonly<Record<Verdict, readonly [mark: string, style: Style]>> = {
  ok: ['ok', 'green'],
  note: ['note', 'yellow'],
  problem: ['PROBLEM', 'red'],
};

export function addDoctorCommand(program: Command, context: CliContext, ports: DoctorPorts): void {
  program
    .command('doctor')
    .description('say what would keep a node from starting here, or from finding the others')
    .argument('[options...]', 'as for the node, such as --config node.json --remote.port 25520')
    .allowUnknownOption()
    .addHelpText('after', examples('parvi doctor', 'parvi doctor --config node.json'))
    .addHelpText(
      'after',
      `
Options of an application, which stand beside those of the toolkit in its file,
environment and flags, are not checked: they are listed as a note.`,
    )
    .action((words: readonly string[]) => doctor(context, ports, words));
}

async function doctor(
  context: CliContext,
  ports: DoctorPorts,
  words: readonly string[],
): Promise<void> {
  const [extra] = parseFlags(words).rest;
  if (extra !== undefined) {
    throw new CliError('CLI_USAGE', `There is no option "${extra}": write --remote.port 25520`);
  }
  const findings: Finding[] = [];
  const told = (about: string, verdict: Verdict, text: string): void => {
    const finding = { about, verdict, text };
    findings.push(finding);
    if (context.json()) return;
    const [mark, style] = marks[verdict];
    context.terminal.out(
      `${context.terminal.style(style, mark.padEnd(8))} ${about.padEnd(14)} ${plain(text)}`,
    );
  };
  const versions = `parvi ${parviVersion} on Node.js ${nodeVersion}`;
  const tooOld = await ports.nodeProblem();
  if (tooOld === undefined) told('versions', 'ok', versions);
  else told('versions', 'problem', `${versions}: ${tooOld}`);
  const plan = await planned(ports, words, told);
  if (plan !== undefined) {
    const examination = new Examination(context, ports.net, plan, told);
    examination.certificates();
    examination.kubernetes();
    await examination.ownAddress();
    await examination.ownPorts();
    await examination.seedNodes();
    await examination.discovery();
  }
  if (context.json()) context.printJson(findings);
  const problems = findings.filter(({ verdict }) => verdict === 'problem').length;
  if (problems === 0) return;
  const are = problems === 1 ? 'is' : 'are';
  throw new CliError(
    'CLI_NOT_MET',
    `${problems} of ${findings.length} things looked at ${are} wrong`,
  );
}

type Tell = (about: string, verdict: Verdict, text: string) => void;

async function planned(
  ports: DoctorPorts,
  words: readonly string[],
  told: Tell,
): Promise<NodePlan | undefined> {
  try {
    const plan = await ports.plan(words);
    told('configuration', 'ok', 'file, environment and flags can be used');
    if (plan.optionsUnknown.length > 0) {
      const names = plan.optionsUnknown.join(', ');
      const text = `no options of the toolkit, so the application's, and not checked: ${names}`;
      told('configuration', 'note', text);
    }
    return plan;
  } catch (error) {
    if (!isOptionError(error)) throw error;
    told('configuration', 'problem', error.message);
    return undefined;
  }
}

const connectMsMax = 3000;
const clockSkewMsMax = 5000;
const isNoAddress = (problem: string): boolean =>
  /^(ENOTFOUND|EAI_AGAIN|EADDRNOTAVAIL)$/.test(problem);
const isLoopback = (address: string): boolean => /^(127\.|::1$)/.test(address);

class Examination {
  readonly #context: CliContext;
  readonly #net: NetDoor;
  readonly #plan: NodePlan;
  readonly #told: Tell;
  /** A node answers at the management address: what it holds is no problem. */
  #isRunning = false;
  /** The address to listen on is none of this machine, or a name that leads nowhere. */
  #isForeign = false;

  constructor(context: CliContext, net: NetDoor, plan: NodePlan, told: Tell) {
    this.#context = context;
    this.#net = net;
    this.#plan = plan;
    this.#told = told;
  }

  certificates(): void {
    const nowMs = this.#context.clock.wallMs();
    const judgements = this.#plan.certificates.flatMap((file) => judgeCertificates(file, nowMs));
    for (const { verdict, text } of judgements) this.#told('certificate', verdict, text);
  }

  kubernetes(): void {
    const { kubernetesProblem } = this.#plan;
    if (kubernetesProblem !== undefined) this.#told('kubernetes', 'problem', kubernetesProblem);
  }

  async ownAddress(): Promise<void> {
    const { host, bindHost, seedNodes } = this.#plan;
    const addresses = await this.#addresses(host);
    if (addresses instanceof Error) {
      this.#told(
        'own host',
        'problem',
        `"${host}" leads nowhere (${errorLine(addresses)}); set remote.host to a name or address by which the others reach this machine`,
      );
      this.#isForeign = bindHost === host;
      if (this.#isForeign) return;
    }
    const problem = await this.#net.listenProblem(bareHost(bindHost), 0);
    if (problem !== undefined) {
      this.#isForeign = true;
      this.#told(
        'own host',
        'problem',
        `cannot listen on "${bindHost}" (${problem}): it is no address of this machine; set remote.bindHost to one, such as 0.0.0.0`,
      );
      return;
    }
    if (addresses instanceof Error) return;
    const others = seedNodes.filter(({ host: seed }) => !isLoopback(seed) && seed !== 'localhost');
    if (addresses.every(isLoopback) && others.length > 0) {
      this.#told(
        'own host',
        'problem',
        `"${host}" is this machine only, and the seed node ${others[0]?.host} is another: it could not answer; set remote.host`,
      );
      return;
    }
    this.#told('own host', 'ok', `"${host}" is ${addresses.join(', ')}`);
  }

  async ownPorts(): Promise<void> {
    const { bindHost, bindPort, management } = this.#plan;
    if (management !== undefined) await this.#managementPort(management);
    if (bindPort === 0) {
      this.#told('remoting port', 'ok', 'any free one');
      return;
    }
    // Where nothing can be listened on, that was said already.
    if (this.#isForeign) return;
    const problem = await this.#net.listenProblem(bareHost(bindHost), bindPort);
    const place = `${bindHost}:${bindPort}`;
    if (problem === undefined) this.#told('remoting port', 'ok', `${place} is free`);
    else if (this.#isRunning)
      this.#told('remoting port', 'note', `${place} is taken, by the node that runs here`);
    else {
      this.#told(
        'remoting port',
        'problem',
        `${place} cannot be had (${problem}); stop what uses it, or set remote.port`,
      );
    }
  }

  async #managementPort({ host, port }: { host: string; port: number }): Promise<void> {
    if (port === 0) return;
    const problem = await this.#net.listenProblem(bareHost(host), port);
    const place = `${host}:${port}`;
    if (problem === undefined) {
      this.#told('management', 'ok', `${place} is free`);
      return;
    }
    if (isNoAddress(problem)) {
      // Where remoting cannot listen either, that was said already.
      if (this.#isForeign && host === this.#plan.bindHost) return;
      const text = `cannot listen on "${host}" (${problem}): it is no address of this machine; set management.bindHost to one`;
      this.#told('management', 'problem', text);
      return;
    }
    const version = await this.#context
      .client()
      .get<{
        readonly address?: string;
        readonly startedAt?: string;
        readonly uptimeSeconds: number;
      }>('/parvi/version')
      .catch((error: unknown) => (error instanceof CredentialsRefused ? error : undefined));
    if (version instanceof CredentialsRefused) {
      this.#isRunning = true;
      const text = `a node runs here, and does not tell its clock: ${version.message}`;
      this.#told('management', 'note', text);
      return;
    }
    if (version === undefined) {
      const text = `${place} cannot be had (${problem}), and no node answers there; stop what uses it, or set management.port`;
      this.#told('management', 'problem', text);
      return;
    }
    this.#isRunning = true;
    this.#told('management', 'note', `a node runs here: ${version.address ?? place}`);
    if (version.startedAt !== undefined) this.#clock(version.startedAt, version.uptimeSeconds);
  }

  /** Nodes are in order however their clocks stand; logs and certificates are not. */
  #clock(startedAt: string, uptimeSeconds: number): void {
    const theirsMs = Date.parse(startedAt) + uptimeSeconds * 1000;
    const skewMs = Math.abs(this.#context.clock.wallMs() - theirsMs);
    if (skewMs <= clockSkewMsMax) this.#told('clock', 'ok', 'agrees with that of the node');
    else {
      const text = `is ${(skewMs / 1000).toFixed(0)} s away from that of the node, so logs and certificates disagree; have the machines keep time by NTP`;
      this.#told('clock', 'problem', text);
    }
  }

  async seedNodes(): Promise<void> {
    const { seedNodes, bootstrap, host, port } = this.#plan;
    if (seedNodes.length === 0) {
      if (bootstrap !== undefined) return;
      const text = 'there are none and bootstrap is off: the node waits until it is told to join';
      this.#told('seed nodes', 'note', text);
      return;
    }
    let reached = 0;
    for (const seed of seedNodes) {
      const place = `${seed.host}:${seed.port}`;
      if (seed.host === host && seed.port === port) {
        const first = seedNodes[0] === seed;
        const text = first ? 'this node, which may form the cluster' : 'this node';
        this.#told('seed node', 'ok', `${place} is ${text}`);
        reached++;
        continue;
      }
      if (this.#isOwnManagement(seed)) {
        const text = `${place} is this node's management; seed nodes are given by the port of remoting, here ${port}`;
        this.#told('seed node', 'problem', text);
        continue;
      }
      const addresses = await this.#addresses(seed.host);
      if (addresses instanceof Error) {
        this.#told(
          'seed node',
          'problem',
          `${place}: the name leads nowhere (${errorLine(addresses)})`,
        );
        continue;
      }
      const problem = await this.#net.connectProblem(bareHost(seed.host), seed.port, connectMsMax);
      if (problem === undefined) {
        reached++;
        this.#told('seed node', 'ok', `${place} takes connections`);
      } else this.#told('seed node', 'note', `${place} does not answer (${problem})`);
    }
    if (reached > 0) return;
    const text =
      'none answers, and this node is none of them: it could not form a cluster by itself; start the first seed node, or open its port';
    this.#told('seed nodes', 'problem', text);
  }

  #isOwnManagement(seed: NodePlan['seedNodes'][number]): boolean {
    const { host, management } = this.#plan;
    const isOwnHost = seed.host === host || seed.host === management?.host;
    return isOwnHost && seed.port === management?.port;
  }

  async discovery(): Promise<void> {
    const { bootstrap, seedNodes } = this.#plan;
    if (bootstrap === undefined) return;
    if (seedNodes.length > 0) {
      this.#told('bootstrap', 'note', 'seed nodes are given as well, and win');
    }
    try {
      const { found, isSelfFound } = await bootstrap.find();
      const text = `${countedText(found.length, 'contact point')} found, ${bootstrap.required} needed: ${found.join(', ') || 'none'}`;
      const isEnough = found.length >= bootstrap.required;
      this.#told('discovery', isEnough ? 'ok' : 'problem', text);
      if (!isSelfFound && found.length > 0) this.#selfMissing(bootstrap);
    } catch (error) {
      this.#told('discovery', 'problem', errorLine(error));
    }
  }

  /** Who does not find itself may join a cluster and never forms one. */
  #selfMissing({ self, isFixed }: BootstrapPlan): void {
    const text = `does not find this node, ${self}: it could join a cluster and never form one`;
    const ifFixed =
      '; list it, or set management.host and management.port as they stand in discovery.config.endpoints';
    const otherwise = ', unless it is found once it runs';
    this.#told(
      'discovery',
      isFixed ? 'problem' : 'note',
      `${text}${isFixed ? ifFixed : otherwise}`,
    );
  }

  async #addresses(host: string): Promise<readonly string[] | Error> {
    try {
      return await this.#net.addresses(bareHost(host));
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
