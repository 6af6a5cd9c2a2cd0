// Where trades wait and results are kept: files that only grow, written at the end and read anywhere. Nothing here
// survives the process; that is the journal's work and comes with it.

import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, mkdtemp, open, rm, statfs, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GridError } from '../errors.ts';

export interface SpoolFile {
  /** Bytes appended so far, including those still on their way to the disk. */
  readonly bytes: number;
  /** So many bytes from the first on can be read. */
  readonly readableBytes: number;
  /** Appends; the promise resolves with the offset of the first byte when the bytes can be read. */
  append(bytes: Uint8Array): Promise<number>;
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Frees the disk space. */
  close(): Promise<void>;
}

export interface SpoolDisk {
  create(): Promise<SpoolFile>;
  /** Bytes that there is room for; undefined where nobody can say. */
  freeBytes(): Promise<number | undefined>;
  close(): Promise<void>;
}

/**
 * Files below `directory` (by default the system's temporary directory). Each is unlinked as soon as it is open, so
 * that its space is free again when the process ends, however it ends.
 */
export function fileSpoolDisk(directory: string | undefined): SpoolDisk {
  let home: Promise<string> | undefined;
  const files = new Set<FileSpool>();
  return {
    async create() {
      try {
        if (directory !== undefined) await mkdir(directory, { recursive: true });
        home ??= mkdtemp(join(directory ?? tmpdir(), 'valuation-spool-'));
        const path = join(await home, randomUUID());
        const handle = await open(path, 'wx+', 0o600);
        await unlink(path);
        const file = new FileSpool(handle, () => files.delete(file));
        files.add(file);
        return file;
      } catch (cause) {
        home = undefined;
        throw diskFailed('create a spool file', directory ?? tmpdir(), cause);
      }
    },
    async freeBytes() {
      const at = await statfs(directory ?? tmpdir()).catch(() => undefined);
      return at === undefined ? undefined : at.bavail * at.bsize;
    },
    async close() {
      await Promise.all([...files].map((file) => file.close()));
      if (home !== undefined) await rm(await home, { recursive: true, force: true });
    },
  };
}

/**
 * Tries a spool out, so that what is wrong with its directory is known before there are jobs.
 *
 * @throws GridError `GRID_DISK_FAILED` when no file can be made there, or nothing written to it
 */
export async function checkSpoolDirectory(directory: string | undefined): Promise<void> {
  const disk = fileSpoolDisk(directory);
  try {
    const file = await disk.create();
    await file.append(new Uint8Array(1));
  } catch (error) {
    const cause = error instanceof GridError ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GridError(
      'GRID_DISK_FAILED',
      `Cannot use the spool directory "${directory ?? tmpdir()}": ${reason}; choose another with --controller.spool-directory, or correct space and permissions`,
      { cause },
    );
  } finally {
    await disk.close();
  }
}

class FileSpool implements SpoolFile {
  #bytes = 0;
  /** Where appends begin that are still on their way, in their order. */
  readonly #pending = new Set<number>();
  readonly #handle: FileHandle;
  readonly #onClose: () => void;
  #closed: Promise<void> | undefined;

  constructor(handle: FileHandle, onClose: () => void) {
    this.#handle = handle;
    this.#onClose = onClose;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get readableBytes(): number {
    const [first = this.#bytes] = this.#pending;
    return first;
  }

  async append(bytes: Uint8Array): Promise<number> {
    const offset = this.#bytes;
    if (bytes.length === 0) return offset;
    this.#bytes += bytes.length;
    this.#pending.add(offset);
    try {
      for (let done = 0; done < bytes.length; ) {
        const position = offset + done;
        const { bytesWritten } = await this.#handle.write(bytes, done, null, position);
        done += bytesWritten;
      }
    } catch (cause) {
      // Not taken off the pending ones: what could not be written cannot be read.
      throw diskFailed('append', `${bytes.length} bytes`, cause);
    }
    this.#pending.delete(offset);
    return offset;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    // Without zeros first: all of it is read over, and none of it is shared with others.
    const bytes = Buffer.allocUnsafeSlow(length);
    let done = 0;
    try {
      while (done < length) {
        const { bytesRead } = await this.#handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw new Error(`the file ends ${length - done} bytes early`);
        done += bytesRead;
      }
    } catch (cause) {
      throw diskFailed('read', `${length} bytes at ${offset}`, cause);
    }
    return bytes;
  }

  close(): Promise<void> {
    this.#onClose();
    this.#closed ??= this.#handle.close();
    return this.#closed;
  }
}

function diskFailed(action: string, what: string, cause: unknown): GridError {
  return new GridError(
    'GRID_DISK_FAILED',
    `Cannot ${action} "${what}" on the spool: check space and permissions of the spool directory`,
    { cause },
  );
}

/** A disk in memory, for a few trades and for tests. */
export function memorySpoolDisk(): SpoolDisk {
  return {
    create: async () => new MemorySpool(),
    freeBytes: async () => undefined,
    close: async () => {},
  };
}

class MemorySpool implements SpoolFile {
  #content = new Uint8Array(1024);
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get readableBytes(): number {
    return this.#bytes;
  }

  append(bytes: Uint8Array): Promise<number> {
    const offset = this.#bytes;
    const end = offset + bytes.length;
    if (end > this.#content.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#content.length));
      grown.set(this.#content.subarray(0, offset));
      this.#content = grown;
    }
    this.#content.set(bytes, offset);
    this.#bytes = end;
    return Promise.resolve(offset);
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return Promise.resolve(this.#content.slice(offset, offset + length));
  }

  close(): Promise<void> {
    this.#content = new Uint8Array(0);
    this.#bytes = 0;
    return Promise.resolve();
  }
}
