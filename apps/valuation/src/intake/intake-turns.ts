// Who is read next when several uploads come in at once. Shared evenly, twenty uploads would all be whole at the same
// late time, and none be priced before. So of those that ask, the upload that came first is served first. It asks again
// only when its piece was read, so two or three early uploads share the reader. Each third piece is that of the upload
// that has waited longest: the others still move, so that a small upload is not held up by large ones and no client is
// taken for idle.

/** The upload that has waited longest gets one piece in so many. */
const patience = 3;

interface Waiting {
  /** In the order in which uploads came. */
  readonly upload: number;
  readonly begin: () => void;
}

/** Turns at a reader that takes `atOnce` pieces at a time. An upload asks for one turn at a time. */
export class IntakeTurns {
  readonly #atOnce: number;
  /** In the order in which they asked. */
  #waiting: readonly Waiting[] = [];
  #underWay = 0;
  #begun = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Runs `read` when it is the upload's turn; the turn ends with the promise. */
  async take<T>(upload: number, read: () => Promise<T>): Promise<T> {
    if (this.#underWay === this.#atOnce) {
      await new Promise<void>((begin) => {
        this.#waiting = [...this.#waiting, { upload, begin }];
      });
    } else this.#underWay++;
    this.#begun++;
    try {
      return await read();
    } finally {
      this.#next();
    }
  }

  /** Hands the turn that ended on. */
  #next(): void {
    const [longest, ...others] = this.#waiting;
    if (longest === undefined) {
      this.#underWay--;
      return;
    }
    const first = others.reduce((a, b) => (b.upload < a.upload ? b : a), longest);
    const chosen = this.#begun % patience === 0 ? longest : first;
    this.#waiting = this.#waiting.filter((one) => one !== chosen);
    chosen.begin();
  }
}
