// The page as a whole: cluster and throughput above, submission and jobs below, the chosen job at the end.

import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ClusterPanel } from './components/cluster.tsx';
import { Header } from './components/header.tsx';
import { JobDetail } from './components/job-detail.tsx';
import { JobList } from './components/job-list.tsx';
import { MemberLog } from './components/member-log.tsx';
import { SubmitForm } from './components/submit-form.tsx';

/**
 * The chart comes by itself: its library looks at the browser's language when loaded and throws where that is malformed,
 * which must not take the page with it.
 */
function useThroughput(): ComponentType | undefined {
  const [found, setFound] = useState<{ readonly Chart: ComponentType } | undefined>(undefined);
  useEffect(() => {
    void import('./components/throughput.tsx').then(
      ({ Throughput }) => setFound({ Chart: Throughput }),
      () => undefined,
    );
  }, []);
  return found?.Chart;
}

export function App() {
  const Throughput = useThroughput();
  return (
    <>
      <a class="skip" href="#jobs">
        Skip to jobs
      </a>
      <Header />
      <main>
        <div class="column">
          <ClusterPanel />
          <SubmitForm />
        </div>
        <div class="column">
          {Throughput !== undefined && <Throughput />}
          <MemberLog />
        </div>
        <JobList />
        <JobDetail />
      </main>
    </>
  );
}
