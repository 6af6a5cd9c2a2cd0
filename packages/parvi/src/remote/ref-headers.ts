// Refs in the form that a frame header takes. Made once for a ref that lives on, each time for an ask.

import { type ActorRef, LocalRef } from '../actor/index.ts';
import { HeaderText, HeaderTexts, noText, type OutboundCompression } from '../wire/index.ts';
import { RemoteRef } from './remote-ref.ts';

const temporaryMark = '/temp/';

export class RefHeaders {
  readonly #texts = new HeaderTexts(8192);
  #lastRef: ActorRef<never> | undefined;
  #lastHeader: HeaderText = noText;

  /** The header form of a far ref, kept with it. */
  ofRemote(ref: RemoteRef, tables: OutboundCompression): HeaderText {
    ref.header ??= ref.path.includes(temporaryMark)
      ? temporary(ref.path, tables)
      : this.#texts.of(ref.path);
    return ref.header;
  }

  /** The header form of a sender. @throws WireError for a path that is not ASCII */
  of(sender: ActorRef<never> | undefined, tables: OutboundCompression): HeaderText {
    if (sender === undefined) return noText;
    if (sender === this.#lastRef) return this.#lastHeader;
    if (sender instanceof LocalRef) {
      this.#lastRef = sender;
      this.#lastHeader = this.#texts.of(sender.path);
      return this.#lastHeader;
    }
    if (sender instanceof RemoteRef) return this.ofRemote(sender, tables);
    return temporary(sender.path, tables);
  }
}

/** Temporary actors are never in a table, so nobody need look. */
function temporary(path: string, tables: OutboundCompression): HeaderText {
  const header = new HeaderText(path);
  header.table = tables.actorRefs;
  return header;
}

/** Pekko reads the length as a signed number of 16 bits. */
const pathCharactersMax = 32_767;

/** Whether a frame can name that path; nothing can be sent to any other. */
export function fitsHeader(path: string): boolean {
  return path.length <= pathCharactersMax && !/[^ -~]/.test(path);
}
