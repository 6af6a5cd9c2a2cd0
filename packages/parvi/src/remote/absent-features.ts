// What Pekko nodes gossip to their like in every cluster where somebody uses it, and what this node does not have. It is
// addressed to well-known paths, every other second for as long as the cluster lives, so it is said once and then
// counted: a dead letter each would bury those that matter.
// Source: the default names in Pekko's `reference.conf` of distributed-data, cluster-tools, cluster-typed, sharding and
// metrics.

import type { RemotingContext } from './remoting-context.ts';

const features: readonly { readonly paths: RegExp; readonly feature: string }[] = [
  { paths: /^\/system\/ddataReplicator(\/|$)/, feature: 'distributed data' },
  { paths: /^\/system\/clusterReceptionist(\/|$)/, feature: 'receptionist' },
  { paths: /^\/system\/distributedPubSubMediator(\/|$)/, feature: 'distributed publish-subscribe' },
  { paths: /^\/system\/receptionist(\/|$)/, feature: 'cluster client receptionist' },
  { paths: /^\/system\/sharding(\/|$)/, feature: 'cluster sharding' },
  { paths: /^\/system\/singletonManager[^/]*(\/|$)/, feature: 'cluster singleton' },
  { paths: /^\/system\/singletonProxy[^/]*(\/|$)/, feature: 'cluster singleton' },
  { paths: /^\/system\/cluster-metrics(\/|$)/, feature: 'cluster metrics' },
];

/** The feature whose actors live at that path without address; `undefined` for all other paths. */
export function featureAt(localPath: string): string | undefined {
  if (!localPath.startsWith('/system/')) return undefined;
  return features.find(({ paths }) => paths.test(localPath))?.feature;
}

/** Notes that a peer spoke to a feature that is not here; says it once for each feature and peer. */
export function noteAbsentFeature(
  context: RemotingContext,
  feature: string,
  peer: string,
  recipient: string,
): void {
  context.telemetry.refused('absentFeature');
  context.absentFeatures.write(
    `${feature} ${peer}`,
    'info',
    { peer, feature, recipient },
    'A peer uses a feature that this node does not have; its messages are counted and dropped',
  );
}
