// Layer 4: where the nodes of a service may be found.

export { aggregateDiscovery } from './aggregate-discovery.ts';
export { type ConfigDiscoveryOptions, configDiscovery } from './config-discovery.ts';
export type { ServiceDiscovery, ServiceQuery } from './discovery.ts';
export type { AskDns, DnsAnswer, DnsQuestion, DnsRecord, ResolverSettings } from './dns.ts';
export { type DnsDiscoveryPorts, dnsDiscovery } from './dns-discovery.ts';
export { DiscoveryError, type DiscoveryErrorCode, discoveryErrorCodes } from './errors.ts';
export { sameAddress } from './ip-address.ts';
export {
  type KubernetesDiscoveryOptions,
  type KubernetesDiscoveryPorts,
  kubernetesDiscovery,
} from './kubernetes-discovery.ts';
export {
  checkDiscoveryOptions,
  type DiscoveryMethod,
  type DiscoveryOptions,
  type DiscoveryPorts,
  type DnsDiscoveryOptions,
  discoveryMethods,
  discoveryOptionRules,
  type KubernetesApiDiscoveryOptions,
  openDiscovery,
} from './options.ts';
export { compareTargets, type ResolvedTarget, targetKey, targetText } from './target.ts';
