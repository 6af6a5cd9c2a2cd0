// A namespace of its own for a test, with service accounts that may do this and that.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesOptions } from 'parvi/kubernetes';
import { type Connection, connectionOf, type TestCluster } from './test-cluster.ts';

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

export class TestNamespace {
  readonly name: string;
  readonly #cluster: TestCluster;
  readonly #connection: Connection;
  readonly #folder = mkdtempSync(join(tmpdir(), 'parvi-accounts-'));

  static async create(cluster: TestCluster, name: string): Promise<TestNamespace> {
    await cluster.kubectl(['create', 'namespace', name]);
    return new TestNamespace(cluster, name, await connectionOf(cluster));
  }

  private constructor(cluster: TestCluster, name: string, connection: Connection) {
    this.#cluster = cluster;
    this.name = name;
    this.#connection = connection;
    writeFileSync(join(this.#folder, 'ca.crt'), connection.authority);
  }

  kubectl(words: readonly string[], input?: string): Promise<string> {
    return this.#cluster.kubectl(['-n', this.name, ...words], input);
  }

  /** Lets the account do what the rules say, and nothing else. */
  async grant(account: string, rules: readonly Rule[]): Promise<void> {
    const group = 'rbac.authorization.k8s.io';
    const metadata = { name: account };
    const things = [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
      { apiVersion: `${group}/v1`, kind: 'Role', metadata, rules },
      {
        apiVersion: `${group}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: group, kind: 'Role', name: account },
        subjects: [{ kind: 'ServiceAccount', name: account, namespace: this.name }],
      },
    ];
    const list = { apiVersion: 'v1', kind: 'List', items: things };
    await this.kubectl(['apply', '-f', '-'], JSON.stringify(list));
  }

  /** For a client outside of the cluster that acts as this account. `more` goes to `kubectl create token`. */
  async options(account: string, ...more: readonly string[]): Promise<KubernetesOptions & Files> {
    const tokenFile = join(this.#folder, `${account}.token`);
    writeFileSync(tokenFile, await this.kubectl(['create', 'token', account, ...more]));
    const { server } = this.#connection;
    return {
      apiServer: server,
      caFile: join(this.#folder, 'ca.crt'),
      tokenFile,
      requestTimeout: '10s',
    };
  }

  /** Resolves when whoever holds the lease has given so many signs of life. */
  async heartbeats(lease: string, count: number): Promise<void> {
    const seen = new Set<string>();
    while (seen.size <= count) {
      seen.add(
        await this.kubectl(['get', 'lease', lease, '-o', 'jsonpath={.metadata.resourceVersion}']),
      );
    }
  }

  async remove(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
    await this.#cluster.kubectl(['delete', 'namespace', this.name, '--wait=false']);
  }
}

interface Files {
  readonly apiServer: string;
  readonly caFile: string;
  readonly tokenFile: string;
}
