// Asks name servers over UDP, and over TCP where an answer does not fit. Each try has a socket, a port and a number of its
// own, so that nobody else can answer it unseen.

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { type Clock, errorLine, type Random, randomInt, type Timers } from '../runtime/index.ts';
import type { AskDns, DnsAnswer, DnsQuestion } from './dns.ts';
import { type DnsReply, decodeReply, encodeQuestion } from './dns-message.ts';
import { signedBytesOf } from './ip-address.ts';

export interface DnsClientPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

interface Server {
  readonly host: string;
  readonly port: number;
}

/** Asks each server twice at most, the second time in the plainest form. */
export function dnsClient(ports: DnsClientPorts): AskDns {
  return async (question, servers, limitMs) => {
    const untilMs = ports.clock.nowMs() + limitMs;
    const tries = [true, false].flatMap((withExtension) =>
      servers.map((server) => ({ server, withExtension })),
    );
    const failures = new Map<string, string>();
    for (const [index, { server, withExtension }] of tries.entries()) {
      const restMs = untilMs - ports.clock.nowMs();
      if (restMs <= 0) break;
      const tryMs = restMs / (tries.length - index);
      try {
        const attempt = new Attempt(question, withExtension, tryMs, ports);
        return await attempt.ask(serverOf(server));
      } catch (error) {
        failures.set(server, errorLine(error));
      }
    }
    const said = [...failures].map(([server, reason]) => `${server} said ${reason}`);
    throw new Error(said.length === 0 ? 'there was no time left' : said.join(', '));
  };
}

const dnsPort = 53;

function serverOf(text: string): Server {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text) ?? /^([^:]+):(\d+)$/.exec(text);
  const [, host = text, port] = bracketed ?? [];
  return { host, port: port === undefined ? dnsPort : Number(port) };
}

class Attempt {
  readonly #question: DnsQuestion;
  readonly #withExtension: boolean;
  readonly #limitMs: number;
  readonly #ports: DnsClientPorts;
  readonly #id: number;

  constructor(
    question: DnsQuestion,
    withExtension: boolean,
    limitMs: number,
    ports: DnsClientPorts,
  ) {
    this.#question = question;
    this.#withExtension = withExtension;
    this.#limitMs = limitMs;
    this.#ports = ports;
    this.#id = randomInt(ports.random, 65_536);
  }

  async ask(server: Server): Promise<DnsAnswer> {
    const options = { id: this.#id, withExtension: this.#withExtension };
    const bytes = await encodeQuestion(this.#question, options);
    const reply = await this.#overUdp(server, bytes);
    const whole = reply.kind === 'truncated' ? await this.#overTcp(server, bytes) : reply;
    switch (whole.kind) {
      case 'answer':
        return whole.answer;
      case 'failure':
        throw new Error(whole.reason);
      case 'truncated':
      case 'foreign':
        throw new Error('something else than an answer to the question');
    }
  }

  #overUdp({ host, port }: Server, bytes: Uint8Array): Promise<DnsReply> {
    const isIpv6 = host.includes(':') && signedBytesOf(host) !== undefined;
    return this.#within((resolve, reject) => {
      const socket = createSocket(isIpv6 ? 'udp6' : 'udp4');
      socket.on('error', reject);
      socket.on('message', (message) => {
        decodeReply(message, this.#question, this.#id).then((reply) => {
          if (reply.kind !== 'foreign') resolve(reply);
        }, reject);
      });
      // Connected, it takes packets of that server only, and hears when nobody listens there. A callback of `connect`
      // would be told of a failure too, as where there is no way to the server.
      socket.on('connect', () => socket.send(bytes));
      socket.connect(port, host);
      return () => socket.close();
    });
  }

  #overTcp({ host, port }: Server, bytes: Uint8Array): Promise<DnsReply> {
    return this.#within((resolve, reject) => {
      const socket = connect({ host, port });
      const framed = Buffer.alloc(2 + bytes.length);
      framed.writeUInt16BE(bytes.length);
      framed.set(bytes, 2);
      let received = new Uint8Array();
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('a connection that was cut')));
      socket.on('connect', () => socket.write(framed));
      socket.on('data', (part: Buffer) => {
        const all = Buffer.concat([received, part]);
        received = all;
        if (all.length < 2 || all.length < 2 + all.readUInt16BE(0)) return;
        const message = all.subarray(2, 2 + all.readUInt16BE(0));
        decodeReply(message, this.#question, this.#id).then(resolve, reject);
      });
      return () => socket.destroy();
    });
  }

  /** Ends the exchange at its first result, or when its time is over. */
  #within(
    exchange: (resolve: (reply: DnsReply) => void, reject: (error: Error) => void) => () => void,
  ): Promise<DnsReply> {
    const { promise, resolve, reject } = Promise.withResolvers<DnsReply>();
    const close = exchange(resolve, reject);
    const limit = this.#ports.timers.after(this.#limitMs, () =>
      reject(new Error(`nothing within ${Math.round(this.#limitMs)} ms`)),
    );
    return promise.finally(() => {
      limit.cancel();
      close();
    });
  }
}
