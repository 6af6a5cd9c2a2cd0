// A metric with labels: one instrument for each combination of label values, up to a limit, so that labels taken
// from the outside (peer addresses, job names) cannot fill the memory or drown the monitoring.

import { assert } from '../runtime/index.ts';

/** The label value of everything beyond the limit of series. */
export const overflowLabel = 'other';

/** The default limit of label combinations of one metric. */
export const seriesMaxDefault = 100;

const separator = '\u0000';

export class MetricFamily<T> {
  readonly labelNames: readonly string[];
  readonly seriesMax: number;
  readonly #create: () => T;
  readonly #series = new Map<string, { readonly labels: readonly string[]; readonly metric: T }>();
  #overflow: T | undefined;

  constructor(labelNames: readonly string[], seriesMax: number, create: () => T) {
    this.labelNames = labelNames;
    this.seriesMax = seriesMax;
    this.#create = create;
  }

  /**
   * The instrument of these label values, in the order of the label names. Keep it where it is used often. Beyond
   * `seriesMax` combinations all further ones share the instrument whose labels are all {@link overflowLabel},
   * which is also that of who asks for these.
   */
  with(...labels: readonly string[]): T {
    assert(
      labels.length === this.labelNames.length,
      `a value for each of the labels "${this.labelNames.join('", "')}" is given, not ${labels.length}`,
    );
    const key = labels.length === 1 ? (labels[0] as string) : labels.join(separator);
    const known = this.#series.get(key);
    if (known !== undefined) return known.metric;
    if (this.#series.size >= this.seriesMax || labels.every((one) => one === overflowLabel)) {
      this.#overflow ??= this.#create();
      return this.#overflow;
    }
    const metric = this.#create();
    this.#series.set(key, { labels, metric });
    return metric;
  }

  /** Forgets a combination, for what has gone for good, such as a removed member. */
  remove(...labels: readonly string[]): void {
    this.#series.delete(labels.join(separator));
  }

  /** Label values and instrument of each combination seen. */
  *entries(): Iterable<readonly [readonly string[], T]> {
    for (const { labels, metric } of this.#series.values()) yield [labels, metric];
    if (this.#overflow !== undefined) {
      yield [this.labelNames.map(() => overflowLabel), this.#overflow];
    }
  }
}
