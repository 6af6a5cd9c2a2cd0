// Takes the pictures of the page for the documents: a million trades being priced by a grid of two controllers and two
// workers, in light and dark, and the job when it is done. Run it on a machine that does nothing else:
// `node apps/valuation/test/page/picture.ts`.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { JobView } from '../../src/http/views.ts';
import { csvHeader, tradeToCsv } from '../../src/instruments/index.ts';
import { generatePortfolio } from '../../src/pricing/index.ts';
import { artifacts, jobDone, ProcessGrid } from '../acceptance/process-grid.ts';
import { until } from '../acceptance/until.ts';
import { openBrowser } from './browser.ts';
import { PageSession } from './page-session.ts';

const images = join(artifacts, '..', 'docs', 'images');
const trades = 1_000_000;
/** How much of the job is done when the picture is taken. */
const share = 0.6;
const size = { width: 1300, height: 1410 };
const patienceMs = 180_000;

type OpenPage = (theme: 'light' | 'dark') => Promise<PageSession>;

function* csvLines(): Generator<string> {
  let block = `${csvHeader}\n`;
  for (const trade of generatePortfolio({ trades, seed: 7 })) {
    block += `${tradeToCsv(trade)}\n`;
    if (block.length < 65_536) continue;
    yield block;
    block = '';
  }
  yield block;
}

async function upload(grid: ProcessGrid): Promise<JobView> {
  const name = encodeURIComponent('trading book, 1,000,000 trades');
  const init = {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: Readable.toWeb(Readable.from(csvLines())),
    duplex: 'half',
  };
  return grid.json(0, `/v1/jobs?metric=NPV&name=${name}`, init as RequestInit);
}

async function takePictures(grid: ProcessGrid, open: OpenPage): Promise<void> {
  const light = await open('light');
  grid.startWorker();
  await grid.untilUp(4);
  const before = { IRDelta: 400_000, ParRate: 250_000 };
  for (const [metric, count] of Object.entries(before)) {
    await grid.untilEnded(0, await grid.valQuery(0, metric, count), patienceMs);
  }
  // A page shows what it has seen: both look on from the same moment.
  const dark = await open('dark');
  const uploading = upload(grid);
  const job = await until(
    'the job to run',
    async () => {
      const { jobs } = await grid.json<{ jobs: JobView[] }>(0, '/v1/jobs');
      return jobs.find((other) => other.trades === trades && other.state === 'running');
    },
    { timeoutMs: patienceMs },
  );
  await uploading;
  for (const session of [light, dark]) await session.job(job.id).getByRole('button').click();
  const isFarEnough = (now: JobView) => jobDone(now) > share * trades;
  await grid.untilJob([0, job.id], 'is far enough', isFarEnough, patienceMs);
  await takePicture(light, 'grid');
  await takePicture(dark, 'grid-dark');
  await grid.untilEnded(0, job.id, patienceMs);
  await light.job(job.id).getByText('completed').waitFor();
  await light.page.locator('#rate', { hasText: /^0\/s$/ }).waitFor();
  await takePicture(light, 'grid-done');
}

async function takePicture(session: PageSession, name: string): Promise<void> {
  await session.page.locator('.histogram').waitFor();
  mkdirSync(images, { recursive: true });
  const path = join(images, `${name}.png`);
  await session.page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, ...size } });
  process.stdout.write(`${path}\n`);
}

const grid = await ProcessGrid.create({ ports: 25_520 });
const browser = await openBrowser();
try {
  grid.startController(0);
  grid.startController(1);
  grid.startWorker();
  await grid.untilUp(3);
  await takePictures(grid, (theme) => PageSession.open(browser, `${grid.url(0)}/`, { theme }));
} finally {
  await browser.close();
  await grid.stop();
}
