// The way from texts in frames to actors of this system and to refs of others, and what may come in by it.

import { type ActorRef, readIdentify, type SelectedMessage } from '../actor/index.ts';
import { featureAt } from './absent-features.ts';
import type { SeenText } from './inbox.ts';

export interface LocalDoorsOptions {
  /** `pekko://sys@host:port`. */
  readonly ownAddress: string;
  /** `pekko://sys`, which peers may use for us too. */
  readonly ownName: string;
  /** Prefixes of paths below `/system` that take ordinary messages from other nodes. */
  readonly openSystemPaths: readonly string[];
  /** A ref of any system; for a path of ours that leads nowhere, what makes dead letters of everything. */
  resolve(path: string): ActorRef<unknown>;
}

export class LocalDoors {
  /** What paths of our own pending asks begin with. */
  readonly ownTempPrefix: string;
  readonly #options: LocalDoorsOptions;
  readonly #open: string[];

  constructor(options: LocalDoorsOptions) {
    this.#options = options;
    this.ownTempPrefix = `${options.ownAddress}/temp/`;
    this.#open = options.openSystemPaths.map(withoutTrailingSlash);
  }

  /** Lets ordinary messages from other nodes reach `/system/...` at and below that path. */
  openSystemPath(path: string): void {
    this.#open.push(withoutTrailingSlash(path));
  }

  /**
   * Fills in the recipient of an entry, anew when the actor found before has stopped. It stays empty when the path is
   * not ours: messages are not passed on to third nodes.
   */
  resolveEntry(entry: SeenText): void {
    if (entry.recipient !== undefined && !entry.recipient.isStopped) return;
    const { text } = entry;
    const local = this.#localPath(text);
    if (local === undefined) return;
    entry.recipient = this.#options.resolve(text);
    entry.closed = local.startsWith('/system/') && !this.#isOpen(local);
  }

  /** The local actor of that path; `undefined` when the path is not ours. */
  localRef(path: string): ActorRef<unknown> | undefined {
    return this.#localPath(path) === undefined ? undefined : this.#options.resolve(path);
  }

  /** Whether a system message from outside may stop that actor. */
  mayTerminate(path: string): boolean {
    const local = this.#localPath(path);
    if (local === undefined) return false;
    return /^\/user\/./.test(local) || this.#isOpen(local);
  }

  /** The feature of Pekko that owns a path of ours and is not here; one that is here has opened its path. */
  absentFeature(path: string): string | undefined {
    const local = this.#localPath(path);
    return local === undefined || this.#isOpen(local) ? undefined : featureAt(local);
  }

  /** The ref of any path. */
  refOf(path: string): ActorRef<unknown> {
    return this.#options.resolve(path);
  }

  /** Whether a closed actor may get the message all the same: it only asks who is there. */
  isHarmless(message: unknown): boolean {
    return readIdentify(message) !== undefined;
  }

  /** Whether a selection from outside may be followed. */
  maySelect(anchor: string, selected: SelectedMessage): boolean {
    return this.isHarmless(selected.message) || !this.#leadsToClosed(anchor, selected);
  }

  #leadsToClosed(anchor: string, selected: SelectedMessage): boolean {
    const names: string[] = (this.#localPath(anchor) ?? '/').split('/').filter((n) => n !== '');
    for (const element of selected.elements) {
      if (element.kind === 'parent') names.pop();
      else names.push(element.kind === 'name' ? element.name : element.pattern);
    }
    const first = names[0] ?? '';
    if (/[*?]/.test(first)) return true;
    if (first !== 'system') return false;
    const literal = names.findIndex((name) => /[*?]/.test(name));
    const known = literal < 0 ? names : names.slice(0, literal);
    return !this.#isOpen(`/${known.join('/')}`);
  }

  #isOpen(local: string): boolean {
    const hash = local.indexOf('#');
    const path = hash < 0 ? local : local.slice(0, hash);
    return this.#open.some((open) => path === open || path.startsWith(`${open}/`));
  }

  /** The part of a path after our own address; `undefined` for a path of another system. */
  #localPath(path: string): string | undefined {
    for (const prefix of [this.#options.ownAddress, this.#options.ownName]) {
      if (path.startsWith(prefix) && path.charAt(prefix.length) === '/') {
        return path.slice(prefix.length);
      }
    }
    return undefined;
  }
}

function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
