// The chosen job: figures, who priced it, how the values lie, and the results page by page.

import { useState } from 'preact/hooks';
import type { JobView } from '../../../src/http/views.ts';
import { cancelJob, resultsAddress } from '../api.ts';
import { count, counted, duration, figure, percent, rate, shortAddress } from '../format.ts';
import { mergeJob, selectedJob } from '../live.ts';
import { Histogram } from './histogram.tsx';
import { isActive } from './job-list.tsx';
import { Results } from './results.tsx';

export function JobDetail() {
  const job = selectedJob.value;
  if (job === undefined) return null;
  return (
    <section class="detail" aria-labelledby="detail-title">
      <h2 id="detail-title">
        {job.name ?? job.id} <span class="quiet">{job.metric}</span>
      </h2>
      <Actions key={job.id} job={job} />
      <Figures job={job} />
      <div class="columns">
        <Workers job={job} />
        <Histogram key={job.id} job={job} />
      </div>
      <Results key={job.id} job={job} />
    </section>
  );
}

function Actions({ job }: { readonly job: JobView }) {
  const [failure, setFailure] = useState('');
  const cancel = (): void => {
    cancelJob(job.id).then(mergeJob, (error: Error) => setFailure(error.message));
  };
  return (
    <p class="actions">
      <a href={resultsAddress(job.id, 'csv')} download={`${job.id}.csv`}>
        Results as CSV
      </a>
      <a href={resultsAddress(job.id, 'ndjson')} download={`${job.id}.ndjson`}>
        Results as NDJSON
      </a>
      {isActive(job) && (
        <button type="button" onClick={cancel}>
          Cancel job
        </button>
      )}
      {failure !== '' && <span role="alert">{failure}</span>}
    </p>
  );
}

function Figures({ job }: { readonly job: JobView }) {
  const rows: readonly (readonly [string, string])[] = [
    ['Trades', count(job.trades)],
    ['Priced', count(job.priced)],
    ['Failed', count(job.failed)],
    ['Rejected', count(job.rejected)],
    ['Sum', figure(job.sum)],
    ['Mean', figure(job.mean)],
    ['Smallest', figure(job.min)],
    ['Largest', figure(job.max)],
    ['Time', duration(job.elapsedMs)],
    ['Rate', rate(job.tradesPerSecond)],
    ['Chunks done', count(job.chunksDone)],
    ['Kept by', shortAddress(job.owner)],
  ];
  const errors = Object.entries(job.errors);
  return (
    <>
      <dl class="figures">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {errors.length > 0 && (
        <p>
          Errors:{' '}
          {errors.map(([code, times]) => (
            <span class="tag" key={code}>
              <code>{code}</code> {count(times)}
            </span>
          ))}
        </p>
      )}
    </>
  );
}

function Workers({ job }: { readonly job: JobView }) {
  const most = Math.max(1, ...job.workers.map((worker) => worker.trades));
  return (
    <div>
      <h3>Priced by</h3>
      {job.workers.length === 0 && <p class="quiet">No worker has returned a chunk yet.</p>}
      <ul class="shares">
        {job.workers.map((worker) => (
          <li key={worker.address}>
            <span>{shortAddress(worker.address)}</span>
            <span class="bar" style={{ '--part': worker.trades / most }} aria-hidden="true" />
            <span class="number">
              {counted(worker.trades, 'trade')}, {counted(worker.chunks, 'chunk')},{' '}
              {percent(worker.busyShare)} busy
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
