// Which methods of discovery there are, what may be set for each, and the method made from it. Only the parts of the
// chosen one are loaded.

import { readTextFile, unknownOption } from '../config/index.ts';
import type { ApiServer, KubernetesOptions } from '../kubernetes/index.ts';
import type { Logger } from '../observe/index.ts';
import {
  flag,
  listOfTexts,
  nonEmptyText,
  type OptionRule,
  type OptionRules,
  optionWithValue,
  type Runtime,
  section,
  type WrongOption,
  wholeNumber,
  wrongOption,
} from '../runtime/index.ts';
import { aggregateDiscovery } from './aggregate-discovery.ts';
import { type ConfigDiscoveryOptions, configDiscovery } from './config-discovery.ts';
import type { ServiceDiscovery } from './discovery.ts';
import type { ResolverSettings } from './dns.ts';
import { DiscoveryError } from './errors.ts';
import type { KubernetesDiscoveryOptions } from './kubernetes-discovery.ts';
import { parseResolverFile, resolverFile } from './resolver-file.ts';

export const discoveryMethods = ['config', 'dns', 'kubernetes-api'] as const;

/** A method that looks by itself. */
export type DiscoveryMethod = (typeof discoveryMethods)[number];

export interface DnsDiscoveryOptions {
  /** `10.0.0.10`, `127.0.0.1:5353`. Default: those of the machine. */
  readonly servers?: readonly string[];
  /** Default: those of the machine. */
  readonly searchDomains?: readonly string[];
  /** Names with fewer dots are first tried with the search domains. Default: that of the machine. */
  readonly ndots?: number;
}

export interface KubernetesApiDiscoveryOptions extends KubernetesDiscoveryOptions {
  /** Default: that of this pod. */
  readonly podNamespace?: string | undefined;
}

export interface DiscoveryOptions {
  /** Default `config`. */
  readonly method?: DiscoveryMethod | 'aggregate';
  readonly config?: ConfigDiscoveryOptions;
  readonly dns?: DnsDiscoveryOptions;
  readonly kubernetesApi?: KubernetesApiDiscoveryOptions;
  readonly aggregate?: { readonly methods: readonly DiscoveryMethod[] };
}

const oneOf = (words: readonly string[]): OptionRule => ({
  takes: `one of ${words.join(', ')}`,
  accepts: (value) => words.includes(String(value)),
});

const rules: OptionRules<DiscoveryOptions> = {
  method: oneOf([...discoveryMethods, 'aggregate']),
  config: section,
  dns: section,
  kubernetesApi: section,
  aggregate: section,
};

/** Rules of the sections, by their names. */
export const discoveryOptionRules = {
  own: rules,
  config: { endpoints: listOfTexts } satisfies OptionRules<ConfigDiscoveryOptions>,
  dns: {
    servers: listOfTexts,
    searchDomains: listOfTexts,
    ndots: wholeNumber(0),
  } satisfies OptionRules<DnsDiscoveryOptions>,
  kubernetesApi: {
    podLabelSelector: nonEmptyText,
    podDomain: nonEmptyText,
    podNamespace: nonEmptyText,
    useRawIp: flag,
    containerName: nonEmptyText,
  } satisfies OptionRules<KubernetesApiDiscoveryOptions>,
  aggregate: {
    methods: {
      takes: `a list of ${discoveryMethods.join(', ')}`,
      accepts: (value: unknown) =>
        Array.isArray(value) && value.every(oneOf(discoveryMethods).accepts),
    },
  },
};

export interface DiscoveryPorts {
  readonly runtime: Pick<Runtime, 'clock' | 'timers' | 'random'>;
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How the Kubernetes API is reached: a client of it, or options for one. Default: as in a pod. */
  readonly kubernetes?: ApiServer | KubernetesOptions | undefined;
}

/**
 * The discovery that the options describe.
 *
 * @throws DiscoveryError `DISCOVERY_OPTION_INVALID`; KubernetesError `KUBERNETES_OPTION_INVALID`,
 * `KUBERNETES_NOT_IN_CLUSTER`; as rejections
 */
export async function openDiscovery(
  options: DiscoveryOptions,
  ports: DiscoveryPorts,
): Promise<ServiceDiscovery> {
  checkDiscoveryOptions(options);
  const method = options.method ?? 'config';
  if (method !== 'aggregate') return openMethod(method, options, ports);
  const { methods = [] } = options.aggregate ?? {};
  return aggregateDiscovery(
    await Promise.all(methods.map((each) => openMethod(each, options, ports))),
  );
}

async function openMethod(
  method: DiscoveryMethod,
  options: DiscoveryOptions,
  ports: DiscoveryPorts,
): Promise<ServiceDiscovery> {
  switch (method) {
    case 'config':
      return configDiscovery({ endpoints: options.config?.endpoints ?? [] });
    case 'dns':
      return openDns(options.dns ?? {}, ports);
    case 'kubernetes-api':
      return openKubernetes(options.kubernetesApi ?? {}, ports);
  }
}

async function openDns(
  options: DnsDiscoveryOptions,
  { runtime }: DiscoveryPorts,
): Promise<ServiceDiscovery> {
  const [{ dnsClient }, { dnsDiscovery }] = await Promise.all([
    import('./dns-client.ts'),
    import('./dns-discovery.ts'),
  ]);
  return dnsDiscovery({
    clock: runtime.clock,
    ask: dnsClient(runtime),
    settings: () => resolverSettings(options),
  });
}

function resolverSettings({ servers = [], ...own }: DnsDiscoveryOptions): ResolverSettings {
  const machine = parseResolverFile(readResolverFile());
  return {
    servers: servers.length > 0 ? servers : machine.servers,
    isOwn: servers.length > 0,
    searchDomains: own.searchDomains ?? machine.searchDomains,
    ndots: own.ndots ?? machine.ndots,
  };
}

/** A machine without the file has no name servers of its own, which is told when none are set either. */
function readResolverFile(): string {
  try {
    return readTextFile(resolverFile);
  } catch {
    return '';
  }
}

async function openKubernetes(
  { podNamespace, ...options }: KubernetesApiDiscoveryOptions,
  { runtime, log, environment, kubernetes = {} }: DiscoveryPorts,
): Promise<ServiceDiscovery> {
  const [{ kubernetesApi, ownNamespace }, { kubernetesDiscovery }] = await Promise.all([
    import('../kubernetes/index.ts'),
    import('./kubernetes-discovery.ts'),
  ]);
  const isClient = 'request' in kubernetes;
  const api = isClient ? kubernetes : kubernetesApi(kubernetes, { runtime, environment });
  return kubernetesDiscovery(options, {
    api,
    namespace: async () =>
      podNamespace ?? ownNamespace(isClient ? {} : kubernetes, { environment }),
    log,
    clock: runtime.clock,
  });
}

/** @throws DiscoveryError `DISCOVERY_OPTION_INVALID` */
export function checkDiscoveryOptions(options: DiscoveryOptions): void {
  const { own, ...sections } = discoveryOptionRules;
  refuseUnknown('', options, own);
  const wrong = [
    wrongOption(options, own),
    ...Object.entries(sections).map(([name, each]) =>
      wrongOption(Object(Reflect.get(options, name)), each, `${name}.`),
    ),
  ].find((each) => each !== undefined);
  if (wrong !== undefined) throw invalid(wrong);
  for (const [name, rules] of Object.entries(sections)) {
    refuseUnknown(`${name}.`, Object(Reflect.get(options, name)), rules);
  }
  refuseMissing(options);
}

/** What the chosen method cannot do without. */
function refuseMissing({ method = 'config', config, aggregate }: DiscoveryOptions): void {
  const methods = method === 'aggregate' ? (aggregate?.methods ?? []) : [method];
  if (methods.length === 0) {
    const { takes } = discoveryOptionRules.aggregate.methods;
    throw invalid({ option: 'aggregate.methods', value: undefined, takes });
  }
  if (!methods.includes('config')) return;
  const { endpoints = [] } = config ?? {};
  if (endpoints.length === 0) {
    const takes = 'the contact points of all nodes, such as 10.0.0.5:7626,10.0.0.6:7626';
    throw invalid({ option: 'config.endpoints', value: undefined, takes });
  }
  configDiscovery({ endpoints });
}

function refuseUnknown(section: string, options: object, rules: object): void {
  const unknown = unknownOption(options, rules, section);
  if (unknown === undefined) return;
  const { option, hint } = unknown;
  throw new DiscoveryError(
    'DISCOVERY_OPTION_INVALID',
    `Cannot use discovery.${option}: there is no option of that name; ${hint}`,
    { fields: { option } },
  );
}

function invalid({ option, value, takes }: WrongOption): DiscoveryError {
  return new DiscoveryError(
    'DISCOVERY_OPTION_INVALID',
    `Cannot use ${optionWithValue(`discovery.${option}`, value)}: it takes ${takes}`,
    { fields: { option, value } },
  );
}
