// The results of a job, page by page.

import { Fragment } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { JobView, ResultPageView, ResultView } from '../../../src/http/views.ts';
import { fetchResults } from '../api.ts';
import { count, figure, shortAddress } from '../format.ts';
import { isActive } from './job-list.tsx';

const pageSize = 25;

export function Results({ job }: { readonly job: JobView }) {
  const [cursors, setCursors] = useState<readonly (string | undefined)[]>([undefined]);
  const [failedOnly, setFailedOnly] = useState(false);
  const [page, setPage] = useState<ResultPageView | undefined>(undefined);
  const [failure, setFailure] = useState('');
  const cursor = cursors.at(-1);
  // A first page that is still empty is asked for again as the job goes on.
  const freshness =
    isActive(job) && (page?.results.length ?? 0) < pageSize ? job.chunksDone : job.state;

  useEffect(() => {
    let current = true;
    fetchResults(job.id, { cursor, limit: pageSize, failedOnly }).then(
      (next) => {
        if (!current) return;
        setPage(next);
        setFailure('');
      },
      (error: Error) => {
        if (current) setFailure(error.message);
      },
    );
    return () => {
      current = false;
    };
  }, [job.id, cursor, failedOnly, freshness]);

  const results = page?.results ?? [];
  const extras = [...new Set(results.flatMap((result) => Object.keys(result.extra ?? {})))];
  const next = page?.nextCursor;
  return (
    <div class="results">
      <h3>Results</h3>
      <label class="check">
        <input
          type="checkbox"
          checked={failedOnly}
          onChange={(event) => {
            setFailedOnly(event.currentTarget.checked);
            setCursors([undefined]);
          }}
        />{' '}
        Failed trades only
      </label>
      {failure !== '' && <p role="alert">{failure}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what does not fit on the screen is scrolled by keyboard too */}
      <section class="scroll" aria-label="Table of results" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                Row
              </th>
              <th scope="col">Trade</th>
              <th scope="col">Instrument</th>
              <th scope="col" class="number">
                {job.metric}
              </th>
              {extras.map((name) => (
                <th scope="col" class="number" key={name}>
                  {name}
                </th>
              ))}
              <th scope="col">Worker</th>
            </tr>
          </thead>
          <tbody>
            {results.map((result) => (
              <Fragment key={result.row}>
                <ResultRow result={result} extras={extras} />
                {result.error !== undefined && <ErrorRow result={result} extras={extras} />}
              </Fragment>
            ))}
          </tbody>
        </table>
      </section>
      {results.length === 0 && <p class="quiet">Nothing to show yet.</p>}
      <p class="pages">
        <button
          type="button"
          disabled={cursors.length === 1}
          onClick={() => setCursors(cursors.slice(0, -1))}
        >
          Previous
        </button>
        <span>Page {count(cursors.length)}</span>
        <button
          type="button"
          disabled={next === undefined}
          onClick={() => setCursors([...cursors, next])}
        >
          Next
        </button>
      </p>
    </div>
  );
}

interface ResultRowProps {
  readonly result: ResultView;
  readonly extras: readonly string[];
}

function ResultRow({ result, extras }: ResultRowProps) {
  return (
    <tr class={result.error === undefined ? '' : 'bad'}>
      <td class="number">{count(result.row)}</td>
      <th scope="row">{result.id}</th>
      <td>{result.instrument}</td>
      <td class="number">{figure(result.value)}</td>
      {extras.map((name) => (
        <td class="number" key={name}>
          {figure(result.extra?.[name])}
        </td>
      ))}
      <td>{shortAddress(result.worker ?? '')}</td>
    </tr>
  );
}

/** A line of its own below the trade, which stays in sight where the table is wider than the screen. */
function ErrorRow({ result: { error }, extras }: ResultRowProps) {
  return (
    <tr class="error">
      <td colSpan={extras.length + 5}>
        <div>
          <code>{error?.code}</code> {error?.message}
        </div>
      </td>
    </tr>
  );
}
