// How the priced values lie: a histogram drawn as SVG, with a table of the same numbers for screen readers.

import { useEffect, useState } from 'preact/hooks';
import type { HistogramView, JobView } from '../../../src/http/views.ts';
import { fetchHistogram } from '../api.ts';
import { count, figure } from '../format.ts';

const bins = 40;
const widthPx = 480;
const heightPx = 150;

/** Refreshes when the job has moved on by a twentieth, so that a running job is followed without a flood. */
const stepOf = (job: JobView): string =>
  `${job.id} ${job.state} ${job.trades === 0 ? 0 : Math.floor((20 * job.priced) / job.trades)}`;

export function Histogram({ job }: { readonly job: JobView }) {
  const [view, setView] = useState<HistogramView | undefined>(undefined);
  const step = stepOf(job);
  useEffect(() => {
    let current = true;
    void fetchHistogram(job.id, bins).then(
      (next) => current && setView(next),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [step]);

  const most = Math.max(1, ...(view?.counts ?? []));
  return (
    <div>
      <h3>Values</h3>
      {view === undefined || job.priced === 0 ? (
        <p class="quiet">No priced value yet.</p>
      ) : (
        <figure class="histogram">
          <svg
            viewBox={`0 0 ${widthPx} ${heightPx}`}
            // From edge to edge, as the ends of the range below.
            preserveAspectRatio="none"
            role="img"
            aria-label={describe(view)}
          >
            {view.counts.map((value, i) => (
              <Bar key={i} index={i} value={value} most={most} view={view} />
            ))}
          </svg>
          <figcaption>
            <span>
              {figure(view.from)}
              {view.below > 0 && ` (${count(view.below)} below)`}
            </span>
            {view.to > view.from && (
              <span>
                {figure(view.to)}
                {view.above > 0 && ` (${count(view.above)} above)`}
              </span>
            )}
          </figcaption>
        </figure>
      )}
    </div>
  );
}

function describe(view: HistogramView): string {
  const peak = view.counts.indexOf(Math.max(...view.counts));
  const width = (view.to - view.from) / view.counts.length;
  return `Histogram of values from ${figure(view.from)} to ${figure(view.to)}; most lie near ${figure(view.from + (peak + 0.5) * width)}`;
}

interface BarProps {
  readonly index: number;
  readonly value: number;
  readonly most: number;
  readonly view: HistogramView;
}

function Bar({ index, value, most, view }: BarProps) {
  const binPx = widthPx / view.counts.length;
  const barPx = (value / most) * (heightPx - 4);
  const width = (view.to - view.from) / view.counts.length;
  const low = view.from + index * width;
  return (
    <rect x={index * binPx + 1} y={heightPx - barPx} width={Math.max(binPx - 2, 1)} height={barPx}>
      <title>{`${figure(low)} to ${figure(low + width)}: ${count(value)} trades`}</title>
    </rect>
  );
}
