// Trades a second over the last minutes: all workers together and each of them.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { clockTime, rate, shortAddress } from '../format.ts';
import { type RatePoint, ratePoints } from '../live.ts';
import { theme } from '../theme.ts';

const workerColours = [
  '--series-1',
  '--series-2',
  '--series-3',
  '--series-4',
  '--series-5',
  '--series-6',
];
const heightPx = 210;
/** Shorter histories do not fill the chart: a second keeps its width until there is more than this. */
const spanSecondsMin = 60;

const noPoints = { show: false };

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function workersOf(points: readonly RatePoint[]): readonly string[] {
  const names = new Set<string>();
  for (const point of points) for (const name of Object.keys(point.byWorker)) names.add(name);
  return [...names].sort();
}

function dataOf(points: readonly RatePoint[], workers: readonly string[]): uPlot.AlignedData {
  return [
    points.map((point) => point.atSeconds),
    points.map((point) => point.total),
    ...workers.map((name) => points.map((point) => point.byWorker[name] ?? null)),
  ];
}

/** From the data itself: for a single point the chart would hand in a whole day. */
function shownSeconds({ data: [seconds] }: uPlot): [number, number] {
  const last = seconds.at(-1) ?? 0;
  return [Math.min(seconds[0] ?? 0, last - spanSecondsMin), last];
}

function optionsOf(widthPx: number, workers: readonly string[]): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
  };
  return {
    width: widthPx,
    height: heightPx,
    legend: { live: false },
    cursor: { y: false },
    scales: {
      x: { range: shownSeconds },
      y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, 10)] },
    },
    axes: [
      {
        ...axis,
        space: 90,
        incrs: [10, 15, 30, 60, 120, 300],
        values: (_plot, ticks) => ticks.map((tick) => clockTime(tick * 1000)),
      },
      { ...axis, size: 64, values: (_plot, ticks) => ticks.map((tick) => rate(tick)) },
    ],
    series: [
      { label: 'Time' },
      {
        label: 'All workers',
        stroke: colour('--accent'),
        width: 2.5,
        points: noPoints,
        fill: colour('--accent-soft'),
      },
      ...workers.map((name, i) => ({
        label: shortAddress(name),
        stroke: colour(workerColours[i % workerColours.length] ?? '--series-1'),
        width: 1.5,
        points: noPoints,
        dash: i < workerColours.length ? [] : [4, 4],
      })),
    ],
  };
}

export function Throughput() {
  const host = useRef<HTMLDivElement>(null);
  const points = ratePoints.value;
  const workers = workersOf(points);
  const key = `${theme.value} ${workers.join()}`;
  const plot = useRef<{ readonly key: string; readonly chart: uPlot } | undefined>(undefined);

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    if (plot.current?.key !== key) {
      plot.current?.chart.destroy();
      const chart = new uPlot(
        optionsOf(element.clientWidth, workers),
        dataOf(points, workers),
        element,
      );
      plot.current = { key, chart };
    } else {
      plot.current.chart.setData(dataOf(points, workers));
    }
  }, [points, key]);

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      plot.current?.chart.setSize({ width: element.clientWidth, height: heightPx });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const last = points.at(-1)?.total ?? 0;
  return (
    <section class="throughput" aria-labelledby="throughput-title">
      <h2 id="throughput-title">
        Throughput <span class="quiet">{rate(last)}</span>
      </h2>
      <div ref={host} role="img" aria-label={`Chart of trades a second; now ${rate(last)}`} />
    </section>
  );
}
