// The page as a whole: cluster and throughput above, submission and jobs below, the chosen job at the end.

import { ClusterPanel } from './components/cluster.tsx';
import { Header } from './components/header.tsx';
import { JobDetail } from './components/job-detail.tsx';
import { JobList } from './components/job-list.tsx';
import { MemberLog } from './components/member-log.tsx';
import { SubmitForm } from './components/submit-form.tsx';
import { Throughput } from './components/throughput.tsx';

export function App() {
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
          <Throughput />
          <MemberLog />
        </div>
        <JobList />
        <JobDetail />
      </main>
    </>
  );
}
