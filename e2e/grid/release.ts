// The chart installed into a namespace of its own, and what is asked of the grid that comes of it: always from inside of
// the cluster, by the commands in the image, so that nothing but the API server has to be reached.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { JobView } from '../../apps/valuation/src/http/views.ts';
import {
  buildDependencies,
  chartFolder,
  type Topology,
  type Values,
} from '../../deploy/chart/chart.ts';
import { toolPath } from '../../deploy/chart/tools.ts';
import { ProgramStuck, type TestCluster } from '../kubernetes/test-cluster.ts';

const execute = promisify(execFile);

export interface ReleaseOptions {
  readonly topology: Topology;
  /** Its version becomes `image.tag`. */
  readonly image: string;
  /** Ends the name of the namespace; the topology when absent. */
  readonly name?: string;
  readonly values?: Values;
}

export interface PodOptions {
  readonly command: readonly string[];
  /** That of the grid when absent. */
  readonly image?: string;
  /** Texts by name of file, in `/files`. */
  readonly files?: Readonly<Record<string, string>>;
  /** With it there is a Service of the pod's name. */
  readonly port?: number;
  /** Path on that port which the pod answers when it is ready. */
  readonly readyPath?: string;
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
    readonly status: { readonly podIP?: string };
  }[];
}

export interface Pod {
  readonly name: string;
  readonly ip: string;
}

/** The largest portfolio of these tests takes a minute on a busy machine. */
const inputLimitMs = 240_000;

export class GridRelease {
  readonly namespace: string;
  readonly #cluster: TestCluster;
  readonly #options: ReleaseOptions;

  constructor(cluster: TestCluster, options: ReleaseOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.namespace = `grid-${options.name ?? options.topology}-${process.pid}`;
  }

  kubectl(words: readonly string[], input?: string): Promise<string> {
    return this.#cluster.kubectl(['-n', this.namespace, ...words], input);
  }

  /** Runs helm in the namespace; throws with what it said when it fails. */
  async helm(...words: readonly string[]): Promise<string> {
    const where = ['--kubeconfig', this.#cluster.kubeconfig, '--namespace', this.namespace];
    const { stdout } = await execute(toolPath('helm'), [...words, ...where]);
    return stdout;
  }

  /** Two controllers and two workers that ask for little, so that the smallest machine has room for all. */
  async install(): Promise<void> {
    buildDependencies();
    const words = ['install', 'grid', chartFolder, '--create-namespace', '--wait'];
    await this.helm(...words, '--timeout', '150s', ...this.#values(this.#options.image));
  }

  /** Another version, and nothing else changed; resolves when all pods are of it. */
  async upgrade(image: string): Promise<void> {
    const words = ['upgrade', 'grid', chartFolder, '--wait', '--timeout', '400s'];
    await this.helm(...words, ...this.#values(image));
  }

  #values(image: string): string[] {
    const little = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '1Gi' } };
    const { topology, values: given = {} } = this.#options;
    const workers = { replicas: 2, resources: little, autoscaling: { enabled: false } };
    const values = {
      topology,
      image: { tag: image.split(':').at(-1) },
      networkPolicy: { monitoringNamespaces: [this.namespace] },
      ...given,
      controllers: { replicas: 2, resources: little, ...Object(given.controllers) },
      workers: { ...workers, ...Object(given.workers) },
    };
    return Object.entries(values).flatMap(([name, value]) => [
      '--set-json',
      `${name}=${JSON.stringify(value)}`,
    ]);
  }

  async uninstall(): Promise<void> {
    await this.helm('uninstall', 'grid', '--wait', '--timeout', '150s');
  }

  /** Names of what there is of the release in the namespace. */
  async objects(): Promise<string[]> {
    const kinds = 'all,cm,secret,sa,role,rolebinding,netpol,pdb,hpa,pvc,lease';
    const selector = 'app.kubernetes.io/instance=grid';
    const text = await this.kubectl(['get', kinds, '-l', selector, '-o', 'name']);
    return text.split('\n').filter((line) => line !== '');
  }

  async removeNamespace(): Promise<void> {
    const words = ['delete', 'namespace', this.namespace, '--ignore-not-found', '--wait=false'];
    await this.#cluster.kubectl(words);
  }

  get controllers(): string {
    return this.#options.topology === 'seeds' ? 'statefulset/ve-ctrl' : 'deployment/ve-ctrl';
  }

  /** Runs a command of the image in the first controller. */
  onController(...command: readonly string[]): Promise<string> {
    return this.kubectl(['exec', this.controllers, '--', ...command]);
  }

  /** The command line of the grid, as a client of its Service or of another address. */
  valuation(
    words: readonly string[],
    input?: string,
    url = 'http://ve-ctrl:7777',
  ): Promise<string> {
    const command = ['client', '--', 'valuation', '--url', url, ...words];
    if (input === undefined) return this.kubectl(['exec', ...command]);
    return this.#withInput(command, input, words.includes('--idempotency-key'));
  }

  /** kubectl 1.35 was seen to wait for ever while the command had not begun; what has a key is sent again then. */
  async #withInput(command: readonly string[], input: string, isRepeatable: boolean) {
    const words = ['-n', this.namespace, 'exec', '-i', ...command];
    const run = () => this.#cluster.kubectl(words, input, inputLimitMs);
    return run().catch((error: unknown) => {
      if (isRepeatable && error instanceof ProgramStuck) return run();
      throw error;
    });
  }

  /** Asked by way of the API server: a command in a pod takes seconds to start where workers have all of the processor. */
  async job(id: string): Promise<JobView> {
    const service = `/api/v1/namespaces/${this.namespace}/services/http:ve-ctrl:7777/proxy`;
    return JSON.parse(await this.kubectl(['get', '--raw', `${service}/v1/jobs/${id}`]));
  }

  async pods(component: string): Promise<Pod[]> {
    const selector = `app.kubernetes.io/instance=grid,app.kubernetes.io/component=${component}`;
    const text = await this.kubectl(['get', 'pods', '-l', selector, '-o', 'json']);
    const { items }: PodList = JSON.parse(text);
    return items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata, status }) => ({ name: metadata.name, ip: status.podIP ?? '' }));
  }

  /** What a port of a pod answers, asked by way of the API server; the pod is `name:port`. */
  async askPod(pod: string, path: string): Promise<string> {
    const place = `/api/v1/namespaces/${this.namespace}/pods/http:${pod}/proxy`;
    return this.kubectl(['get', '--raw', `${place}/${path}`]);
  }

  /** A pod of the image that runs this until it is deleted; its standard output is its log. */
  startPod(name: string, ...command: readonly string[]): Promise<void> {
    return this.runPod(name, { command });
  }

  async runPod(name: string, options: PodOptions): Promise<void> {
    const { command, image, files = {}, port, readyPath } = options;
    const probe = { httpGet: { path: readyPath, port }, periodSeconds: 1, timeoutSeconds: 2 };
    const container = {
      name,
      image: image ?? this.#options.image,
      imagePullPolicy: 'IfNotPresent',
      command,
      // More than the grid asks for: clients that get no turn would see pauses that are none of the grid's.
      resources: { requests: { cpu: '100m' } },
      ...(readyPath === undefined ? {} : { readinessProbe: probe }),
      volumeMounts: [{ name: 'files', mountPath: '/files' }],
    };
    const spec = {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      enableServiceLinks: false,
      containers: [container],
      volumes: [{ name: 'files', configMap: { name } }],
    };
    const metadata = { name, labels: { pod: name } };
    const service = { selector: { pod: name }, ports: [{ port }] };
    const items = [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: files },
      { apiVersion: 'v1', kind: 'Pod', metadata, spec },
      ...(port === undefined
        ? []
        : [{ apiVersion: 'v1', kind: 'Service', metadata, spec: service }]),
    ];
    const list = { apiVersion: 'v1', kind: 'List', items };
    await this.kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(list));
    await this.kubectl(['wait', `pod/${name}`, '--for=condition=Ready', '--timeout=60s']);
  }

  /** A pod in which commands of clients are run. */
  startClient(): Promise<void> {
    return this.startPod('client', '/usr/local/bin/node', '-e', 'setInterval(() => {}, 1e6)');
  }
}
