// DNS messages as bytes: questions for addresses and services, and what of their answers matters here (RFC 1035, 2782,
// 6891). The library is loaded with the first question, so that nodes without DNS discovery never have it.

import type { DecodedPacket, OptAnswer } from 'dns-packet';
import { toError } from '../runtime/index.ts';
import type { DnsAnswer, DnsQuestion, DnsRecord } from './dns.ts';

/** What fits into one packet on any path (DNS Flag Day 2020). */
const udpPayloadBytes = 1232;

export interface QuestionOptions {
  /** 16 bits. */
  readonly id: number;
  /** Says that longer answers than 512 bytes are taken; the oldest servers refuse such questions. */
  readonly withExtension: boolean;
}

export async function encodeQuestion(
  { name, type }: DnsQuestion,
  { id, withExtension }: QuestionOptions,
): Promise<Uint8Array> {
  const { encode, RECURSION_DESIRED } = await import('dns-packet');
  const extension: OptAnswer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: udpPayloadBytes,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name, type, class: 'IN' }],
    additionals: withExtension ? [extension] : [],
  });
}

export type DnsReply =
  | { readonly kind: 'answer'; readonly answer: DnsAnswer }
  /** To be asked again over TCP. */
  | { readonly kind: 'truncated' }
  /** The server says no, or what it says cannot be read. */
  | { readonly kind: 'failure'; readonly reason: string }
  /** Not an answer to this question; whoever sent it. */
  | { readonly kind: 'foreign' };

/** RFC 1035 section 4.1.1. */
const responseCodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const headerBytes = 12;

export async function decodeReply(
  bytes: Uint8Array,
  question: DnsQuestion,
  id: number,
): Promise<DnsReply> {
  const { decode } = await import('dns-packet');
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < headerBytes || buffer.readUInt16BE(0) !== id) return { kind: 'foreign' };
  const flags = buffer.readUInt16BE(2);
  if ((flags & 0x8000) === 0) return { kind: 'foreign' };
  const code = responseCodes[flags & 15] ?? `response code ${flags & 15}`;
  if (code !== 'NOERROR' && code !== 'NXDOMAIN') return { kind: 'failure', reason: code };
  if ((flags & 0x0200) !== 0) return { kind: 'truncated' };
  try {
    const packet = decode(buffer);
    if (!isAbout(packet, question)) return { kind: 'foreign' };
    return { kind: 'answer', answer: answerOf(packet) };
  } catch (error) {
    return { kind: 'failure', reason: `an answer that cannot be read: ${toError(error).message}` };
  }
}

function isAbout({ questions = [] }: DecodedPacket, { name, type }: DnsQuestion): boolean {
  const [asked] = questions;
  return asked?.type === type && plainName(asked.name) === plainName(name);
}

function answerOf({ answers = [], additionals = [] }: DecodedPacket): DnsAnswer {
  return { records: answers.flatMap(recordOf), additional: additionals.flatMap(recordOf) };
}

function recordOf(answer: NonNullable<DecodedPacket['answers']>[number]): DnsRecord[] {
  switch (answer.type) {
    case 'A':
    case 'AAAA': {
      const { type, data, ttl = 0 } = answer;
      return [{ type, name: plainName(answer.name), ttlSeconds: ttl, ip: data }];
    }
    case 'SRV': {
      const { data, ttl = 0 } = answer;
      const target = plainName(data.target);
      const { port } = data;
      return [{ type: 'SRV', name: plainName(answer.name), ttlSeconds: ttl, target, port }];
    }
    default:
      return [];
  }
}

/** Names compare without case and without the dot at their end (RFC 4343). */
function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
