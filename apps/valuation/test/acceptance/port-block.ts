// Ports of a test, in a block of its own: two test runs on one machine, or two files of one run, never share a port.

import { createServer, type Server } from 'node:net';

const host = '127.0.0.1';
/** Ports of a block; the last of them is held as long as the block is, and so keeps others away. */
const blockPorts = 20;
/** Where else a block is looked for, all below the ports that systems give out for outgoing connections. */
const blocksApart = 400;
const triesMax = 25;

export interface PortBlock {
  readonly first: number;
  release(): Promise<void>;
}

/** A block of 20 ports that nobody uses, at the wanted place or at one of those after it. */
export async function claimPorts(wanted: number): Promise<PortBlock> {
  for (let i = 0; i < triesMax; i++) {
    const first = wanted + i * blocksApart;
    const guard = await listen(first + blockPorts - 1);
    if (guard === undefined) continue;
    if (await areFree(first)) return { first, release: () => close(guard) };
    await close(guard);
  }
  throw new Error(`There is no free block of ${blockPorts} ports from ${wanted} on`);
}

async function areFree(first: number): Promise<boolean> {
  for (let port = first; port < first + blockPorts - 1; port++) {
    const server = await listen(port);
    if (server === undefined) return false;
    await close(server);
  }
  return true;
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, host, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
