import { PassThrough } from 'node:stream';
import { ManualTime } from 'parvi/testkit';
import { describe, expect, it } from 'vitest';
import { uploadBytes } from './upload-bytes.ts';

const spanMs = 30_000;

function upload() {
  const time = new ManualTime();
  const source = new PassThrough();
  return { time, source, bytes: uploadBytes(source, time.timers) };
}

describe('the bytes of an upload', () => {
  it('may take hours as long as enough of them come', async () => {
    const { time, source, bytes } = upload();
    let read = 0;
    for (let i = 0; i < 500; i++) {
      const next = bytes.next();
      time.advance(spanMs - 1000);
      source.write(Buffer.alloc(4096));
      read += (await next).value?.length ?? 0;
    }
    source.end();
    expect(await bytes.next()).toEqual({ value: undefined, done: true });
    expect(read).toBe(500 * 4096);
  });

  it('are refused when they drip', async () => {
    const { time, source, bytes } = upload();
    for (let second = 0; second < spanMs / 1000 - 1; second++) {
      const next = bytes.next();
      time.advance(1000);
      source.write('x');
      await next;
    }
    const last = bytes.next();
    time.advance(1000);
    await expect(last).rejects.toMatchObject({
      code: 'REQUEST_TIMEOUT',
      message:
        'Only 29 bytes of the upload came in 30 s, so nothing of it was taken: send it again, faster',
      fields: { field: 'body' },
    });
    expect(source.destroyed).toBe(false);
  });

  it('may wait as long as they like for whoever reads them', async () => {
    const { time, source, bytes } = upload();
    source.write('x');
    await bytes.next();
    time.advance(100 * spanMs);
    source.write('y');
    expect((await bytes.next()).value?.toString()).toBe('y');
  });

  it('are not late because whoever reads them was, until just before a look', async () => {
    const { time, source, bytes } = upload();
    source.write('x');
    await bytes.next();
    time.advance(3 * spanMs - 500);
    const next = bytes.next();
    time.advance(spanMs - 1000);
    source.write('y');
    expect((await next).value?.toString()).toBe('y');
  });

  it('are refused when the client goes before their end', async () => {
    const { source, bytes } = upload();
    const next = bytes.next();
    source.destroy(new Error('aborted'));
    await expect(next).rejects.toMatchObject({ code: 'UPLOAD_TRUNCATED' });
  });

  it('are not watched any more when nobody wants the rest', async () => {
    const { time, source, bytes } = upload();
    source.write('x');
    await bytes.next();
    await bytes.return(undefined);
    time.advance(10 * spanMs);
    expect(source.destroyed).toBe(false);
  });
});
