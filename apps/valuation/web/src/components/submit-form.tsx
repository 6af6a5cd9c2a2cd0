// Upload of a portfolio: file, metric, market snapshot, engine, and what to do with bad trades.

import { useEffect, useState } from 'preact/hooks';
import type { MetricInfoView, ProblemView, SnapshotInfoView } from '../../../src/http/views.ts';
import { ProblemError } from '../answers.ts';
import { fetchMetrics, fetchSnapshots, isNoText, submitFile } from '../api.ts';
import { kilobytes, percentSent } from '../format.ts';
import { mergeJob, selectedJobId } from '../live.ts';
import { Problem } from './problem.tsx';

const clientProblem = (detail: string): ProblemView => ({
  type: 'about:blank',
  title: 'Not submitted',
  status: 0,
  detail,
  code: 'NOT_SUBMITTED',
});

export function SubmitForm() {
  const [metrics, setMetrics] = useState<readonly MetricInfoView[]>([]);
  const [snapshots, setSnapshots] = useState<readonly SnapshotInfoView[]>([]);
  const [metric, setMetric] = useState('NPV');
  const [file, setFile] = useState<File | undefined>(undefined);
  /** Part of the file that has been sent; undefined when nothing is being uploaded. */
  const [sent, setSent] = useState<number | undefined>(undefined);
  const [problem, setProblem] = useState<ProblemView | undefined>(undefined);

  useEffect(() => {
    void fetchMetrics().then(setMetrics, () => undefined);
    void fetchSnapshots().then(setSnapshots, () => undefined);
  }, []);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    if (file === undefined) {
      setProblem(clientProblem('Choose a portfolio file first: CSV, NDJSON or JSON'));
      return;
    }
    if (isNoText(file.name)) {
      setProblem(clientProblem(`${file.name} is no text: unpack it, or save it as CSV`));
      return;
    }
    const values = new FormData(form);
    setSent(0);
    setProblem(undefined);
    try {
      const submission = {
        file,
        metric,
        snapshot: String(values.get('snapshot') ?? 'default'),
        engine: String(values.get('engine') ?? ''),
        skipBadTrades: values.get('skip') === 'on',
      };
      const job = await submitFile(submission, setSent);
      mergeJob(job);
      selectedJobId.value = job.id;
    } catch (error) {
      setProblem(
        error instanceof ProblemError
          ? error.problem
          : clientProblem(
              'The controller did not answer, or the file has changed since it was chosen: choose it again',
            ),
      );
    } finally {
      setSent(undefined);
    }
  };

  const engines = metrics.find((info) => info.name === metric)?.engines ?? [];
  return (
    <section class="submit" aria-labelledby="submit-title">
      <h2 id="submit-title">Price a portfolio</h2>
      <form onSubmit={(event) => void submit(event)}>
        <FileField file={file} onFile={setFile} />
        <div class="fields">
          <label>
            Metric
            <select
              name="metric"
              value={metric}
              onChange={(event) => setMetric(event.currentTarget.value)}
            >
              {metrics.map((info) => (
                <option key={info.name} value={info.name}>
                  {info.name} – {info.title}
                </option>
              ))}
            </select>
          </label>
          <label>
            Market snapshot
            <select name="snapshot">
              {snapshots.map((info) => (
                <option key={info.name} value={info.name}>
                  {info.name} ({info.evaluationDate})
                </option>
              ))}
            </select>
          </label>
          {engines.length > 0 && (
            <label>
              Engine
              <select name="engine">
                <option value="">each trade’s own</option>
                {engines.map((engine) => (
                  <option key={engine}>{engine}</option>
                ))}
              </select>
            </label>
          )}
        </div>
        <label class="check">
          <input type="checkbox" name="skip" /> Price the good trades even when others are bad
        </label>
        <p class="sending">
          <button type="submit" class="primary" disabled={sent !== undefined}>
            {sent === undefined ? 'Price it' : 'Uploading…'}
          </button>
          {sent !== undefined && <Sending share={sent} />}
        </p>
      </form>
      {problem !== undefined && <Problem problem={problem} />}
    </section>
  );
}

/** When all is sent, the controller may still be reading: its answer comes when it has stored everything. */
function Sending({ share }: { readonly share: number }) {
  return (
    <>
      <progress {...(share < 1 ? { value: share } : {})} aria-label="Upload" />
      <span class="small">
        {share < 1 ? `${percentSent(share)} sent` : 'All sent, being checked…'}
      </span>
    </>
  );
}

interface FileFieldProps {
  readonly file: File | undefined;
  readonly onFile: (file: File | undefined) => void;
}

function FileField({ file, onFile }: FileFieldProps) {
  const [over, setOver] = useState(false);
  return (
    <label
      class={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onFile(event.dataTransfer?.files[0]);
      }}
    >
      <input
        type="file"
        class="unseen"
        accept=".csv,.json,.ndjson,.jsonl"
        // The same file chosen again, since it was corrected, is a change too.
        onClick={(event) => {
          event.currentTarget.value = '';
        }}
        onChange={(event) => onFile(event.currentTarget.files?.[0])}
      />
      {file === undefined ? (
        <span>
          Drop a portfolio here, or <span class="choose">choose a file</span>
        </span>
      ) : (
        <span>
          <b>{file.name}</b>, {kilobytes(file.size)} · <span class="choose">choose another</span>
        </span>
      )}
      <span class="small quiet">CSV with a header line, NDJSON or JSON</span>
    </label>
  );
}
