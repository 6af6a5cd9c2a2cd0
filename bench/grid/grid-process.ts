// A grid of real processes on loopback, one controller and some workers, and what a client does with it over HTTP.

import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import type { GridView, JobView } from '../../apps/valuation/src/http/views.ts';
import {
  cpuMs,
  freePort,
  host,
  type NodeProcess,
  residentBytes,
  startNode,
  until,
} from '../node-process.ts';

export interface GridOptions {
  readonly workers: number;
  /** Pricing threads of each worker. */
  readonly threads: number;
  /** Words for Node by the name of the process, such as `--cpu-prof`. */
  readonly nodeWords?: (name: string) => readonly string[];
}

export interface Grid {
  readonly controller: NodeProcess;
  readonly workers: readonly NodeProcess[];
  readonly url: string;
  readonly clusterAddress: string;
  view(): Promise<GridView>;
  /** Streams a file of NDJSON as one job; the job as it was taken. */
  submit(file: string, query: string): Promise<JobView>;
  /** Resolves when the job has ended. */
  ended(id: string): Promise<JobView>;
  /** Reads all results as NDJSON and drops them; how many lines there were. */
  readResults(id: string): Promise<number>;
  /** Processor time of all processes so far. */
  cpuMs(): number;
  controllerBytes(): number;
  stop(): Promise<void>;
}

export async function startGrid(options: GridOptions): Promise<Grid> {
  const { nodeWords = () => [] } = options;
  const [clusterPort, httpPort] = [await freePort(), await freePort()];
  const clusterAddress = `${host}:${clusterPort}`;
  const common = ['--remote.host', host, '--cluster.seed-nodes', clusterAddress];
  const own = ['--remote.port', String(clusterPort), '--http.port', String(httpPort)];
  const words = ['controller', ...common, ...own, '--http.page', 'false'];
  const controller = startNode('controller', words, nodeWords('controller'));
  const workers = Array.from({ length: options.workers }, (_, i) => {
    const name = `worker-${i + 1}`;
    const threads = ['--worker.threads', String(options.threads)];
    return startNode(
      name,
      ['worker', ...common, '--remote.port', '0', ...threads],
      nodeWords(name),
    );
  });
  const all = [controller, ...workers];
  const url = `http://${host}:${httpPort}`;
  const stop = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await controller.stop();
  };
  const grid: Grid = {
    controller,
    workers,
    url,
    clusterAddress,
    view: () => json(`${url}/v1/grid`),
    submit: (file, query) => submit(`${url}/v1/jobs?${query}`, file),
    ended: (id) => ended(url, id),
    readResults: (id) => countLines(`${url}/v1/jobs/${id}/results?format=ndjson`),
    cpuMs: () => all.reduce((sum, { processId }) => sum + cpuMs(processId), 0),
    controllerBytes: () => residentBytes(controller.processId),
    stop,
  };
  try {
    await until('all workers to be up and at work', async () => {
      const { nodes } = await grid.view();
      const ready = nodes.filter(({ status, load, roles }) => {
        return status === 'Up' && load !== undefined && roles.includes('valeng');
      });
      return ready.length === options.workers ? true : undefined;
    });
  } catch (error) {
    await stop();
    const said = all.map(({ lastWords }) => lastWords).join('\n\n');
    throw new Error(`The grid does not come up:\n${said}`, { cause: error });
  }
  return grid;
}

async function json<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`);
  return (await response.json()) as T;
}

/** `node:http` rather than `fetch`: the client shares the processor with what it measures. */
function submit(url: string, file: string): Promise<JobView> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const upload = request(url, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        if (response.statusCode === 202) resolve(JSON.parse(text) as JobView);
        else reject(new Error(`POST ${url} answered ${response.statusCode}: ${text}`));
      });
    });
    upload.on('error', reject);
    createReadStream(file, { highWaterMark: 256 * 1024 })
      .on('error', reject)
      .pipe(upload);
  });
}

/** Follows the job's events, which come within moments of its end. */
async function ended(url: string, id: string): Promise<JobView> {
  const response = await fetch(`${url}/v1/jobs/${id}/events`);
  for await (const _bytes of response.body ?? []) {
    // The stream ends with the job.
  }
  const job = await json<JobView>(`${url}/v1/jobs/${id}`);
  if (job.state !== 'completed') throw new Error(`The job ended as ${job.state}: ${job.reason}`);
  return job;
}

function countLines(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, (response) => {
      let lines = 0;
      response.on('data', (bytes: Buffer) => {
        for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
      });
      response.on('end', () => resolve(lines));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}
