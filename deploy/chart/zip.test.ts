import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readZip } from './zip.ts';

interface Member {
  readonly name: string;
  readonly text: string;
  readonly method: 0 | 8 | 99;
}

/** An archive as packers write it: files, directory, end. */
function archiveOf(members: readonly Member[]): Buffer {
  const [files, entries]: [Buffer[], Buffer[]] = [[], []];
  for (const { name, text, method } of members) {
    const data = method === 8 ? deflateRawSync(text) : Buffer.from(text);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(text), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(text.length, 18);
    common.writeUInt16LE(name.length, 22);
    const offset = Buffer.alloc(4);
    offset.writeUInt32LE(Buffer.concat(files).length);
    files.push(Buffer.from('504b0304', 'hex'), common, Buffer.from(name), data);
    const rest = Buffer.concat([Buffer.alloc(10), offset]);
    entries.push(Buffer.from('504b01020000', 'hex'), common, rest, Buffer.from(name));
  }
  const body = Buffer.concat(files);
  const end = Buffer.alloc(22);
  end.write('504b0506', 'hex');
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(body.length, 16);
  return Buffer.concat([body, ...entries, end]);
}

describe('a zip archive', () => {
  const archive = archiveOf([
    { name: 'a', text: 'first', method: 0 },
    { name: 'b/c', text: 'second '.repeat(50), method: 8 },
    { name: 'd', text: 'third', method: 99 },
  ]);

  it('gives stored and deflated files', () => {
    expect(readZip(archive, 'a').toString()).toBe('first');
    expect(readZip(archive, 'b/c').toString()).toBe('second '.repeat(50));
  });

  it('says what is missing or unknown', () => {
    expect(() => readZip(archive, 'x')).toThrow('Cannot find "x" in the archive');
    expect(() => readZip(archive, 'd')).toThrow('method 99 is unknown');
    expect(() => readZip(Buffer.from('nothing at all, and no archive'), 'a')).toThrow(
      'it has no central directory',
    );
  });
});
