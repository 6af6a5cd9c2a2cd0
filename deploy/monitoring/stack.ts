// Prometheus and Alertmanager as processes, with the files of this folder and the addresses of this run.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, freePort, until } from './child.ts';
import type { GridNode } from './local-grid.ts';
import type { Tools } from './tools.ts';

const own = fileURLToPath(new URL('.', import.meta.url));

/** An alert as Alertmanager hands it to a webhook. */
export interface ReceivedAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [atSeconds: number, value: string];
}

export class MonitoringStack {
  readonly folder: string;
  readonly alerts: ReceivedAlert[] = [];
  readonly #host: string;
  readonly #tools: Tools;
  #webhook: Server | undefined;
  prometheus: Child | undefined;
  alertmanager: Child | undefined;
  prometheusUrl = '';
  alertmanagerUrl = '';

  constructor(host: string, folder: string, tools: Tools) {
    this.#host = host;
    this.folder = folder;
    this.#tools = tools;
  }

  async start(nodes: readonly GridNode[]): Promise<void> {
    const host = this.#host;
    const ports = {
      webhook: await freePort(host, 9096),
      alertmanager: await freePort(host, 9093),
      prometheus: await freePort(host, 9090),
    };
    mkdirSync(join(this.folder, 'targets'), { recursive: true });
    cpSync(join(own, 'rules'), join(this.folder, 'rules'), { recursive: true });
    this.#write('prometheus.yml', ['127.0.0.1:9093', `${host}:${ports.alertmanager}`]);
    this.#write('alertmanager.yml', ['127.0.0.1:9096', `${host}:${ports.webhook}`]);
    this.setTargets(nodes);
    this.#webhook = await this.#listen(ports.webhook);
    this.alertmanagerUrl = `http://${host}:${ports.alertmanager}`;
    this.prometheusUrl = `http://${host}:${ports.prometheus}`;
    this.alertmanager = new Child('Alertmanager', join(this.folder, 'alertmanager.log'), [
      this.#tools.alertmanager,
      `--config.file=${join(this.folder, 'alertmanager.yml')}`,
      `--storage.path=${join(this.folder, 'alertmanager')}`,
      `--web.listen-address=${host}:${ports.alertmanager}`,
      '--cluster.listen-address=',
    ]);
    this.prometheus = new Child('Prometheus', join(this.folder, 'prometheus.log'), [
      this.#tools.prometheus,
      `--config.file=${join(this.folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(this.folder, 'prometheus')}`,
      `--web.listen-address=${host}:${ports.prometheus}`,
    ]);
    for (const url of [this.alertmanagerUrl, this.prometheusUrl]) {
      await until(`an answer of ${url}`, 30_000, async () => {
        return (await fetch(`${url}/-/ready`)).ok || undefined;
      });
    }
  }

  /** Whom Prometheus scrapes; it reads the file again by itself. */
  setTargets(nodes: readonly GridNode[]): void {
    const groups = nodes.map(({ target, kind }) => ({ targets: [target], labels: { kind } }));
    writeFileSync(join(this.folder, 'targets', 'grid.json'), JSON.stringify(groups));
  }

  async query(expr: string): Promise<readonly Sample[]> {
    const url = `${this.prometheusUrl}/api/v1/query?query=${encodeURIComponent(expr)}`;
    const answer = (await (await fetch(url)).json()) as {
      status: string;
      error?: string;
      data: { result: readonly Sample[] };
    };
    if (answer.status !== 'success')
      throw new Error(`Prometheus refuses "${expr}": ${answer.error}`);
    return answer.data.result;
  }

  async stop(): Promise<void> {
    await Promise.all([this.prometheus?.stop(), this.alertmanager?.stop()]);
    this.#webhook?.closeAllConnections();
    this.#webhook?.close();
  }

  #write(name: string, [from, to]: readonly [string, string]): void {
    const text = readFileSync(join(own, name), 'utf8');
    if (!text.includes(from)) throw new Error(`${name} does not name ${from}`);
    writeFileSync(join(this.folder, name), text.replaceAll(from, to));
  }

  #listen(port: number): Promise<Server> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        const { alerts } = JSON.parse(body) as { alerts: readonly ReceivedAlert[] };
        this.alerts.push(...alerts);
        response.end();
      });
    });
    return new Promise((resolve) => {
      server.listen(port, this.#host, () => resolve(server));
    });
  }
}
