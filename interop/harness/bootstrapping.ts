// Nodes of both kinds that know no seed nodes: how they are told to find each other, by a list or by a name server.

import type { StartOptions } from 'parvi';
import { type NodeOptions, patient } from './nodes.ts';
import { pekkoWithManagement } from './peer-build.ts';

export const managementPort = 7626;
const serviceName = 'interop.test';

/** How nodes find each other; both kinds are told the same. */
export interface Finding {
  readonly parvi: NonNullable<StartOptions['discovery']>;
  readonly pekko: Readonly<Record<string, unknown>>;
  readonly portName?: string;
}

export function byList(hosts: readonly string[]): Finding {
  const endpoints = hosts.map((host) => ({ host, port: managementPort }));
  return {
    parvi: {
      method: 'config',
      config: { endpoints: endpoints.map(({ host, port }) => `${host}:${port}`) },
    },
    pekko: {
      'pekko.discovery.method': 'config',
      [`pekko.discovery.config.services."${serviceName}".endpoints`]: endpoints,
    },
  };
}

/** Name of the services that nodes are when they are looked for by the name of their port. */
export const servicesName = `_management._tcp.${serviceName}`;
export const addressesName = serviceName;

/** By the addresses of a name, or by the services of a port name; the server is `host:port`. */
export function byDns(server: string, portName = ''): Finding {
  return {
    parvi: { method: 'dns', dns: { servers: [server], searchDomains: [], ndots: 1 } },
    pekko: {
      'pekko.discovery.method': 'pekko-dns',
      'pekko.io.dns.resolver': 'async-dns',
      'pekko.io.dns.async-dns.nameservers': [server],
      'pekko.io.dns.async-dns.search-domains': [],
    },
    portName,
  };
}

/** JVM nodes with sharding on their class path, as these, ask it of whoever joins. */
const ofShardingNodes = { pekko: { cluster: { sharding: { 'state-store-mode': 'ddata' } } } };

/** A node without seed nodes. So many must answer before a cluster is formed. */
export function bootstrapping(host: string, required: number, finding: Finding): NodeOptions {
  const { portName = '' } = finding;
  const bootstrap = 'pekko.management.cluster.bootstrap';
  return {
    version: pekkoWithManagement,
    settings: {
      ...patient.settings,
      'pekko.extensions': ['org.apache.pekko.management.cluster.bootstrap.ClusterBootstrap'],
      'pekko.management.http.hostname': host,
      'pekko.management.http.port': managementPort,
      [`${bootstrap}.contact-point-discovery.service-name`]: serviceName,
      [`${bootstrap}.contact-point-discovery.port-name`]: portName,
      [`${bootstrap}.contact-point-discovery.required-contact-point-nr`]: required,
      [`${bootstrap}.contact-point-discovery.stable-margin`]: '3s',
      ...finding.pekko,
    },
    parvi: {
      cluster: { ...patient.parvi.cluster, joinConfig: ofShardingNodes },
      management: { host, port: managementPort },
      bootstrap: {
        serviceName,
        portName,
        requiredContactPointNr: required,
        stableMargin: '3s',
      },
      discovery: finding.parvi,
    },
  };
}
