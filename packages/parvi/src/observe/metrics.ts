// The registry of metrics: written to by all layers, read by whoever shows them. Names, units and help follow
// Prometheus' conventions, so that a renderer has nothing to translate.

import { ObserveError } from './errors.ts';
import { Counter, Gauge, Histogram } from './instruments.ts';
import { MetricFamily, overflowLabel, seriesMaxDefault } from './metric-family.ts';

export type MetricKind = 'counter' | 'gauge' | 'histogram';

export interface MetricOptions {
  /** Lower-case words joined by `_`, with the unit last in base units (`_seconds`, `_bytes`); counters end in `_total`. */
  readonly name: string;
  /** One sentence for people who see the metric for the first time. */
  readonly help: string;
}

export interface LabelledMetricOptions extends MetricOptions {
  /** Label names; values come with each use. */
  readonly labels: readonly string[];
  /** Label combinations kept apart; further ones are counted together under `other`. By default 100. */
  readonly seriesMax?: number;
}

export interface HistogramOptions extends MetricOptions {
  /** Ascending upper bounds. */
  readonly buckets: readonly number[];
}

/** One value of a metric that is asked for instead of written. */
export interface ReadSample {
  readonly labels: readonly string[];
  readonly value: number;
}

export interface ReadMetricOptions extends MetricOptions {
  readonly kind: 'counter' | 'gauge';
  readonly labels?: readonly string[];
  /** Further samples are summed up under `other`. By default 100. */
  readonly seriesMax?: number;
  /** Called at each snapshot. A plain number for a metric without labels. */
  read(): number | Iterable<ReadSample>;
}

export interface ValueSample {
  readonly labels: readonly string[];
  readonly value: number;
}

export interface HistogramSample {
  readonly labels: readonly string[];
  readonly count: number;
  readonly sum: number;
  readonly upperBounds: readonly number[];
  /** One more than `upperBounds`: the last counts what lies above all of them. Not cumulative. */
  readonly bucketCounts: readonly number[];
}

interface SnapshotBase {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

export type MetricSnapshot =
  | (SnapshotBase & {
      readonly kind: 'counter' | 'gauge';
      readonly samples: readonly ValueSample[];
    })
  | (SnapshotBase & { readonly kind: 'histogram'; readonly samples: readonly HistogramSample[] });

interface Registered {
  readonly kind: MetricKind;
  readonly labelNames: readonly string[];
  readonly buckets: readonly number[];
  /** What `counter()` and the others gave out, given out again for an equal declaration. */
  readonly handle: unknown;
  snapshot(): MetricSnapshot;
}

interface Declaration<T> {
  readonly kind: MetricKind;
  readonly options: MetricOptions;
  readonly labelled: LabelledMetricOptions | undefined;
  readonly buckets: readonly number[];
  readonly create: () => T;
  readonly sample: (labels: readonly string[], metric: T) => ValueSample | HistogramSample;
}

const namePattern = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/**
 * All metrics of one process or actor system.
 *
 * Declaring the same metric twice gives the same instrument; declaring another one under its name is refused.
 * Writing never allocates and never fails; a metric that is read by a callback costs nothing until a snapshot.
 */
export class MetricsRegistry {
  readonly #metrics = new Map<string, Registered>();
  readonly #readFailures = new Counter();

  constructor() {
    this.read({
      kind: 'counter',
      name: 'parvi_metric_read_failures_total',
      help: 'Metrics left out of a snapshot because reading them failed',
      read: () => this.#readFailures.value,
    });
  }

  /** @throws ObserveError `METRIC_NAME_INVALID`, `METRIC_LABELS_INVALID`, `METRIC_CONFLICT`; so do the others */
  counter(options: LabelledMetricOptions): MetricFamily<Counter>;
  counter(options: MetricOptions): Counter;
  counter(options: MetricOptions | LabelledMetricOptions): Counter | MetricFamily<Counter> {
    return this.#declare({
      kind: 'counter',
      options,
      labelled: 'labels' in options ? options : undefined,
      buckets: [],
      create: () => new Counter(),
      sample: valueSample,
    });
  }

  gauge(options: LabelledMetricOptions): MetricFamily<Gauge>;
  gauge(options: MetricOptions): Gauge;
  gauge(options: MetricOptions | LabelledMetricOptions): Gauge | MetricFamily<Gauge> {
    return this.#declare({
      kind: 'gauge',
      options,
      labelled: 'labels' in options ? options : undefined,
      buckets: [],
      create: () => new Gauge(),
      sample: valueSample,
    });
  }

  histogram(options: HistogramOptions & LabelledMetricOptions): MetricFamily<Histogram>;
  histogram(options: HistogramOptions): Histogram;
  histogram(
    options: HistogramOptions | (HistogramOptions & LabelledMetricOptions),
  ): Histogram | MetricFamily<Histogram> {
    return this.#declare({
      kind: 'histogram',
      options,
      labelled: 'labels' in options ? options : undefined,
      buckets: options.buckets,
      create: () => new Histogram(options.buckets),
      sample: histogramSample,
    });
  }

  /**
   * A metric whose value is kept elsewhere and asked for at each snapshot: queue lengths, members by status, plain
   * number fields of hot code. Until the returned handle is cancelled; cancelling frees the name.
   */
  read(options: ReadMetricOptions): { cancel(): void } {
    const { name, help, kind } = options;
    const labelNames = options.labels ?? [];
    this.#check(options, kind, labelNames);
    if (this.#metrics.has(name)) conflict(name, 'it is registered already');
    const seriesMax = options.seriesMax ?? seriesMaxDefault;
    const entry: Registered = {
      kind,
      labelNames,
      buckets: [],
      handle: undefined,
      snapshot: () => ({
        name,
        help,
        kind,
        labelNames,
        samples: this.#readSamples(options, seriesMax),
      }),
    };
    this.#metrics.set(name, entry);
    return {
      cancel: () => {
        if (this.#metrics.get(name) === entry) this.#metrics.delete(name);
      },
    };
  }

  /** All metrics as they are now, by name. */
  snapshot(): MetricSnapshot[] {
    return [...this.#metrics.keys()]
      .sort()
      .map((name) => (this.#metrics.get(name) as Registered).snapshot());
  }

  #declare<T>(declaration: Declaration<T>): T | MetricFamily<T> {
    const { kind, options, labelled, buckets, create } = declaration;
    const { name, help } = options;
    const labelNames = labelled?.labels ?? [];
    this.#check(options, kind, labelNames);
    const known = this.#metrics.get(name);
    if (known !== undefined) {
      if (!sameDeclaration(known, kind, labelNames, buckets)) {
        conflict(name, `it is registered as ${known.kind} with other labels or buckets`);
      }
      return known.handle as T | MetricFamily<T>;
    }
    const family =
      labelled === undefined
        ? undefined
        : new MetricFamily(labelNames, labelled.seriesMax ?? seriesMaxDefault, create);
    const single = family === undefined ? create() : undefined;
    const handle = (family ?? single) as T | MetricFamily<T>;
    const snapshot = (): MetricSnapshot => {
      const entries = family === undefined ? [[[], single as T] as const] : family.entries();
      const samples = Array.from(entries, ([labels, metric]) => declaration.sample(labels, metric));
      return { name, help, kind, labelNames, samples } as MetricSnapshot;
    };
    this.#metrics.set(name, { kind, labelNames, buckets, handle, snapshot });
    return handle;
  }

  #readSamples(options: ReadMetricOptions, seriesMax: number): ValueSample[] {
    try {
      const read = options.read();
      if (typeof read === 'number') return [{ labels: [], value: read }];
      const all = Array.from(read);
      const rest = all.splice(seriesMax);
      if (rest.length > 0) {
        const labels = (options.labels ?? []).map(() => overflowLabel);
        all.push({ labels, value: rest.reduce((sum, sample) => sum + sample.value, 0) });
      }
      return all;
    } catch {
      this.#readFailures.add();
      return [];
    }
  }

  #check(options: MetricOptions, kind: MetricKind, labelNames: readonly string[]): void {
    const { name } = options;
    if (!namePattern.test(name)) {
      invalidName(name, 'a name has lower-case words of letters and digits joined by "_"');
    }
    if (kind === 'counter' && !name.endsWith('_total')) {
      invalidName(name, 'the name of a counter ends in "_total"');
    }
    for (const label of labelNames) {
      if (namePattern.test(label) && label !== 'le') continue;
      throw new ObserveError(
        'METRIC_LABELS_INVALID',
        `Cannot register the metric "${name}" with the label "${label}": a label has lower-case words joined by "_" and is not "le"`,
        { fields: { name, label } },
      );
    }
  }
}

function valueSample(labels: readonly string[], metric: Counter | Gauge): ValueSample {
  return { labels, value: metric.value };
}

function histogramSample(labels: readonly string[], metric: Histogram): HistogramSample {
  return {
    labels,
    count: metric.count,
    sum: metric.sum,
    upperBounds: metric.upperBounds,
    bucketCounts: metric.bucketCounts(),
  };
}

function sameDeclaration(
  known: Registered,
  kind: MetricKind,
  labelNames: readonly string[],
  buckets: readonly number[],
): boolean {
  return (
    known.kind === kind &&
    known.handle !== undefined &&
    sameItems(known.labelNames, labelNames) &&
    sameItems(known.buckets, buckets)
  );
}

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, i) => item === other[i]);
}

function conflict(name: string, why: string): never {
  throw new ObserveError(
    'METRIC_CONFLICT',
    `Cannot register the metric "${name}": ${why}; give it another name or declare it alike in both places`,
    { fields: { name } },
  );
}

function invalidName(name: string, why: string): never {
  throw new ObserveError(
    'METRIC_NAME_INVALID',
    `Cannot register the metric "${name}": ${why}, such as "parvi_dead_letters_total"`,
    { fields: { name } },
  );
}
