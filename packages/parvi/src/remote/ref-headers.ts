// Refs in the form that a frame header takes. Made once for a ref that lives on, each time for an ask.

import { type ActorRef, LocalRef } from '../actor/index.ts';
import { HeaderText, HeaderTexts, noText } from '../wire/index.ts';
import { RemoteRef } from './remote-ref.ts';

const temporaryMark = '/temp/';

export class RefHeaders {
  readonly #texts = new HeaderTexts(8192);
  #lastRef: ActorRef<never> | undefined;
  #lastHeader: HeaderText = noText;

  /** The header form of a far ref, kept with it. */
  ofRemote(ref: RemoteRef): HeaderText {
    ref.header ??= ref.path.includes(temporaryMark)
      ? new HeaderText(ref.path)
      : this.#texts.of(ref.path);
    return ref.header;
  }

  /** The header form of a sender. @throws WireError for a path that is not ASCII */
  of(sender: ActorRef<never> | undefined): HeaderText {
    if (sender === undefined) return noText;
    if (sender === this.#lastRef) return this.#lastHeader;
    if (sender instanceof LocalRef) {
      this.#lastRef = sender;
      this.#lastHeader = this.#texts.of(sender.path);
      return this.#lastHeader;
    }
    if (sender instanceof RemoteRef) return this.ofRemote(sender);
    return new HeaderText(sender.path);
  }
}
