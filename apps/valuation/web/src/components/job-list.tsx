// All jobs the grid knows, newest first; choosing one shows its results.

import type { JobView } from '../../../src/http/views.ts';
import { clockTime, count, duration, rate } from '../format.ts';
import { jobs, selectedJobId } from '../live.ts';

export const jobDone = (job: JobView): number =>
  job.trades === 0 ? 0 : (job.priced + job.failed) / job.trades;

export const isActive = (job: JobView): boolean =>
  job.state === 'accepting' || job.state === 'running' || job.state === 'waiting-for-workers';

export function JobList() {
  const showRejected = jobs.value.some((job) => job.rejected > 0);
  return (
    <section class="jobs" id="jobs" aria-labelledby="jobs-title" tabIndex={-1}>
      <h2 id="jobs-title">Jobs</h2>
      {jobs.value.length === 0 ? (
        <p class="quiet">No job yet. Upload a portfolio, or submit one from a shell.</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Job</th>
                <th scope="col">Metric</th>
                <th scope="col">State</th>
                <th scope="col">Progress</th>
                <th scope="col" class="number">
                  Trades
                </th>
                <th scope="col" class="number">
                  Failed
                </th>
                {showRejected && (
                  <th scope="col" class="number">
                    Rejected
                  </th>
                )}
                <th scope="col" class="number">
                  Rate
                </th>
                <th scope="col" class="number">
                  Time
                </th>
                <th scope="col">Submitted</th>
              </tr>
            </thead>
            <tbody>
              {jobs.value.map((job) => (
                <JobRow key={job.id} job={job} showRejected={showRejected} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

interface JobRowProps {
  readonly job: JobView;
  readonly showRejected: boolean;
}

/** A figure that is nothing to look at when it is 0. */
const countOrDash = (figure: number): string => (figure > 0 ? count(figure) : '–');

/** While trades still come in, nobody knows how many there will be. */
function Progress({ job }: { readonly job: JobView }) {
  const comesIn = job.state === 'accepting';
  return (
    <>
      <progress
        max={1}
        {...(comesIn ? {} : { value: jobDone(job) })}
        aria-label={`Progress of job ${job.name ?? job.id}`}
      />
      {comesIn && <div class="small quiet">{count(job.trades + job.rejected)} received</div>}
    </>
  );
}

function JobRow({ job, showRejected }: JobRowProps) {
  const chosen = selectedJobId.value === job.id;
  return (
    <tr class={chosen ? 'chosen' : ''} data-job={job.id}>
      <th scope="row">
        <button
          type="button"
          class="link"
          aria-pressed={chosen}
          onClick={() => {
            selectedJobId.value = chosen ? undefined : job.id;
          }}
        >
          {job.name ?? job.id.slice(0, 8)}
        </button>
      </th>
      <td>{job.metric}</td>
      <td>
        <span class={`state ${job.state}`}>{job.state.replaceAll('-', ' ')}</span>
        {job.reason !== undefined && <div class="small quiet">{job.reason}</div>}
      </td>
      <td>
        <Progress job={job} />
      </td>
      <td class="number">{count(job.trades)}</td>
      <td class="number">{countOrDash(job.failed)}</td>
      {showRejected && <td class="number">{countOrDash(job.rejected)}</td>}
      <td class="number">{rate(job.tradesPerSecond)}</td>
      <td class="number">{duration(job.elapsedMs)}</td>
      <td>{clockTime(job.submittedAt)}</td>
    </tr>
  );
}
