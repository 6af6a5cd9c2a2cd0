// The live page in a real Chromium, on a grid of real processes.

import { Readable } from 'node:stream';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { ensurePage } from '../../src/http/page.ts';
import { csvHeader, tradeToCsv } from '../../src/instruments/index.ts';
import { generatePortfolio } from '../../src/pricing/index.ts';
import { optionLines } from '../acceptance/portfolios.ts';
import { addressOf, ProcessGrid } from '../acceptance/process-grid.ts';
import { until } from '../acceptance/until.ts';
import { openBrowser } from './browser.ts';
import { PageSession, type SessionOptions } from './page-session.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let grid: ProcessGrid;
let browser: Browser | undefined;
let sessions: PageSession[] = [];

beforeAll(async () => {
  await ensurePage();
  grid = await ProcessGrid.create({
    ports: 21_180,
    words: ['--cluster.split-brain.stable-after', '5s'],
  });
  grid.startController(0);
  grid.startController(1);
  grid.startWorker();
  grid.startWorker();
  [browser] = await Promise.all([openBrowser(), grid.untilUp(4)]);
});

afterEach(async () => {
  for (const session of sessions) await session.close();
  sessions = [];
});

afterAll(async () => {
  await browser?.close();
  await grid.stop();
});

async function open(options: SessionOptions = {}, controller = 0): Promise<PageSession> {
  if (browser === undefined) throw new Error('There is no browser');
  const session = await PageSession.open(browser, `${grid.url(controller)}/`, options);
  sessions.push(session);
  return session;
}

function csvPortfolio(trades: number): string {
  const lines = [...generatePortfolio({ trades, seed: 5 })].map(tradeToCsv);
  return `${csvHeader}\n${lines.join('\n')}\n`;
}

it('shows each node with role, status and load', async () => {
  const session = await open();
  const cluster = session.section(/^Cluster/);
  await cluster.getByText('4 up').waitFor();
  const { nodes } = await grid.view();
  for (const { address, roles } of nodes) {
    const text = await session.node(address).innerText();
    expect(text).toContain(address.slice(address.indexOf('@') + 1));
    expect(text).toContain(roles[0]);
    expect(text).toContain('Up');
    expect(text).toMatch(/\d+ MB/);
  }
  expect(session.errors).toEqual([]);
});

it('takes a CSV portfolio by its form, follows the job, and shows results and how they lie', async () => {
  const session = await open();
  const { page } = session;
  const id = await session.upload('evening book.csv', csvPortfolio(3000), 'NPV');
  await session.job(id).getByText('completed').waitFor();
  const detail = session.section(/evening book/);
  await detail.getByRole('table').getByRole('row').nth(25).waitFor();
  const job = await grid.job(0, id);
  const figures = await detail.locator('.figures').innerText();
  expect(figures).toContain(
    job.sum?.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  );
  expect(figures.replace(/\s+/g, ' ')).toContain('Priced 3,000');
  const results = await grid.results(0, id);
  const second = await detail.getByRole('table').getByRole('row').nth(2).innerText();
  expect(second).toContain(results[1]?.id);
  expect(await detail.locator('.histogram rect').count()).toBe(40);
  const [first, last, left, right] = (await page.evaluate(`(() => {
    const bars = [...document.querySelectorAll('.histogram rect')];
    const boxes = [bars.at(0), bars.at(-1), document.querySelector('.histogram figcaption')]
      .map((element) => element.getBoundingClientRect());
    return [boxes[0].left, boxes[1].right, boxes[2].left, boxes[2].right];
  })()`)) as [number, number, number, number];
  expect([first - left, right - last].map((gap) => gap >= 0 && gap < 5)).toEqual([true, true]);
  await detail.getByRole('button', { name: 'Next' }).click();
  await detail.getByRole('rowheader', { name: results[25]?.id ?? '' }).waitFor();
  for (const { address } of job.workers) {
    expect(await detail.locator('.shares').innerText()).toContain(address.split('@')[1]);
  }
  await session.screenshot('job-light');
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  expect(session.errors).toEqual([]);
});

it('counts rows that were rejected apart from trades that failed', async () => {
  const trades = `${optionLines(1)}{"id":"bad"}\n`;
  const { id } = await grid.submit(0, 'metric=NPV&name=mixed&onError=skip', trades);
  await grid.untilEnded(0, id);
  const session = await open();
  await session.job(id).getByText('completed').waitFor();
  const heads = await session.page.locator('#jobs thead th').allInnerTexts();
  const cells = await session.job(id).locator('th, td').allInnerTexts();
  const cell = (head: string) => cells[heads.map((text) => text.toLowerCase()).indexOf(head)];
  expect(['trades', 'failed', 'rejected'].map(cell)).toEqual(['1', '–', '1']);
});

it('says which row and column of an upload is wrong', async () => {
  const session = await open();
  const { page } = session;
  const lines = csvPortfolio(3).trimEnd().split('\n');
  const column = csvHeader.split(',').indexOf('notional');
  const cells = (lines[2] ?? '').split(',');
  cells[column] = 'plenty';
  lines[2] = cells.join(',');
  const buffer = Buffer.from(lines.join('\n'));
  const file = { name: 'bad.csv', mimeType: 'text/csv', buffer };
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('button', { name: 'Price it' }).click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.innerText()).toMatch(/Row 2.*notional/);
  await session.screenshot('bad-upload');
  // The browser itself tells the console of an answer that is a refusal.
  expect(session.errors.filter((text) => !/status of 4\d\d/.test(text))).toEqual([]);
});

it('shows a worker joining, and its death, as they happen', async () => {
  const session = await open();
  const log = session.section('Members come and go');
  const worker = grid.startWorker();
  const address = await addressOf(worker);
  const short = address.slice(address.indexOf('@') + 1);
  // The log keeps what has happened, where a card shows it only for as long as it is so.
  await log.getByText(new RegExp(`${short} is up`)).waitFor();
  expect(await session.statusesOf(address)).toContain('Up');

  await worker.kill();
  await log.getByText(new RegExp(`${short} is unreachable`)).waitFor();
  await session.screenshot('death');
  await log.getByText(new RegExp(`${short} was removed`)).waitFor();
  await session.node(address).waitFor({ state: 'detached' });
  const shown = await session.statusesOf(address);
  const lasting = ['Up', 'Up, unreachable', 'Removed'];
  expect(shown.filter((status) => lasting.includes(status))).toEqual(lasting);
  expect(session.errors).toEqual([]);
});

it('says what is wrong with a file that has no trades, and takes it when it has some', async () => {
  const session = await open();
  const { page } = session;
  const choose = async (name: string, buffer: Buffer): Promise<void> => {
    const file = { name, mimeType: 'text/csv', buffer };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByRole('button', { name: 'Price it' }).click();
  };
  await choose('empty.csv', Buffer.from(''));
  await page.getByText('UPLOAD_CSV_HEADER').waitFor();
  await choose('blank.ndjson', Buffer.from('\n'));
  await page.getByText('TRADES_EMPTY').waitFor();
  await choose('book.csv.gz', Buffer.from('packed'));
  await page.getByText('book.csv.gz is no text: unpack it').waitFor();
  await choose('latin.csv', Buffer.from(`${csvHeader}\nZ\u00fcrich\n`, 'latin1'));
  await page.getByText(/bytes that are not UTF-8/).waitFor();
  const windows = `\uFEFF${csvPortfolio(20).replaceAll('\n', '\r\n')}\r\n`;
  const id = await session.upload('windows.csv', windows, 'NPV');
  await session.job(id).getByText('completed').waitFor();
  expect(await grid.job(0, id)).toMatchObject({ trades: 20, rejected: 0 });
  expect(session.errors.filter((text) => !/status of 4\d\d/.test(text))).toEqual([]);
});

it('is used by keyboard alone', async () => {
  const id = await grid.valQuery(0, 'FwdRate', 10);
  await grid.untilEnded(0, id);
  const session = await open();
  const { page } = session;
  await session.job(id).waitFor();
  const focused = () => page.evaluate('document.activeElement?.closest("tr")?.dataset.job');
  for (let i = 0; i < 30 && (await focused()) !== id; i++) await page.keyboard.press('Tab');
  expect(await focused()).toBe(id);
  await page.keyboard.press('Enter');
  await session
    .section(/FwdRate/)
    .getByRole('table')
    .waitFor();
  expect(await page.locator('tr.chosen button').getAttribute('aria-pressed')).toBe('true');
  await page.keyboard.press('Enter');
  await session.section(/FwdRate/).waitFor({ state: 'detached' });
  expect(session.errors).toEqual([]);
});

it.each(['light', 'dark'] as const)(
  'has nothing that keeps people out, in %s colours',
  async (theme) => {
    const id = await grid.valQuery(0, 'NPV', 500);
    await grid.untilEnded(0, id);
    const session = await open({ theme });
    await session.job(id).getByRole('button').click();
    await session.section(/NPV/).getByRole('table').waitFor();
    await session.page.locator('.histogram').waitFor();
    await session.screenshot(`whole-${theme}`);
    expect(await session.seriousViolations()).toEqual([]);
    const toggle = session.page.getByRole('button', { name: /Switch to/ });
    await toggle.click();
    const other = theme === 'light' ? 'dark' : 'light';
    expect(await session.page.locator('html').getAttribute('data-theme')).toBe(other);
    await session.page.reload();
    expect(await session.page.locator('html').getAttribute('data-theme')).toBe(other);
    expect(session.errors).toEqual([]);
  },
);

it('fits a narrow screen', async () => {
  const session = await open({ width: 390, height: 800 });
  const { page } = session;
  await page.locator('tr[data-job] button').last().click();
  await page.locator('.results td').first().waitFor();
  await session.screenshot('narrow');
  expect(await session.seriousViolations()).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
});

it('tells how much of a file has been sent', async () => {
  const session = await open();
  const { page } = session;
  const network = await page.context().newCDPSession(page);
  const bytesPerSecond = 1_000_000;
  await network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond,
  });
  await page.evaluate(`window.sent = [];
    new MutationObserver(() => {
      const text = document.querySelector('.sending .small')?.textContent;
      if (text !== undefined && window.sent.at(-1) !== text) window.sent.push(text);
    }).observe(document, { subtree: true, childList: true, characterData: true });`);
  const id = await session.upload('long way.csv', csvPortfolio(20_000), 'NPV');
  const sent = (await page.evaluate('window.sent')) as string[];
  const shares = sent.map((text) => Number(/^(\d+) % sent$/.exec(text)?.[1] ?? 100));
  expect(shares.filter((share) => share > 0 && share < 100).length).toBeGreaterThan(1);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(sent.at(-1)).toBe('All sent, being checked…');
  await page.getByRole('button', { name: 'Price it' }).waitFor();
  expect(await page.locator('.sending progress').count()).toBe(0);
  await session.job(id).getByText('completed').waitFor();
  expect(session.errors).toEqual([]);
});

it('does not say how much is done of a job whose trades still come in', async () => {
  const session = await open();
  let end = (): void => {};
  const rest = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* body() {
    yield Buffer.from(csvPortfolio(20_000));
    await rest;
    yield Buffer.from('\n');
  }
  const answer = fetch(`${grid.url(0)}/v1/jobs?onError=skip&name=coming`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: Readable.toWeb(Readable.from(body())),
    duplex: 'half',
  } as RequestInit);
  const row = session.page.locator('tr[data-job]', { hasText: 'coming' });
  await row.getByText(/\d received$/).waitFor();
  expect(await row.locator('progress').getAttribute('value')).toBeNull();
  await session.screenshot('coming-in');
  end();
  expect((await answer).status).toBe(202);
  await row.getByText('completed').waitFor();
  expect(await row.locator('progress').getAttribute('value')).toBe('1');
  expect(await row.getByText('received').count()).toBe(0);
});

it.each([
  ['light', 360],
  ['dark', 360],
  ['light', 1280],
] as const)('shows why a trade failed at once, in %s colours, %i px wide', async (theme, width) => {
  const session = await open({ theme, width, height: 800 });
  const { page } = session;
  const lines = csvPortfolio(6).trimEnd().split('\n');
  const cells = (lines[2] ?? '').split(',');
  cells[csvHeader.split(',').indexOf('notional')] = 'plenty';
  lines[2] = cells.join(',');
  await page.getByLabel('Price the good trades').check();
  await session.upload(`mixed ${width} ${theme}.csv`, lines.join('\n'), 'OptionPV');
  await page.locator('tr.error', { hasText: 'notional' }).waitFor();
  await page.locator('tr.error', { hasText: 'METRIC_NOT_DEFINED' }).first().waitFor();
  await session.screenshot(`failed-${theme}-${width}`);
  const [told, heights] = (await page.evaluate(`[
    [...document.querySelectorAll('tr.error div')].map((text) => text.getBoundingClientRect())
      .map(({ left, right }) => [left, right]),
    [...document.querySelectorAll('.results tbody tr:not(.error)')].map((row) => row.offsetHeight),
  ]`)) as [[number, number][], number[]];
  expect(told.every(([left, right]) => left >= 0 && right <= width)).toBe(true);
  expect([told.length, heights.length]).toEqual([5, 6]);
  expect(Math.max(...heights)).toBeLessThan(50);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  expect(await session.seriousViolations()).toEqual([]);
});

it('shows names of metrics whole, and no empty panel where nothing has happened', async () => {
  const session = await open({ width: 1280 });
  const { page } = session;
  await page.getByLabel('Metric').locator('option').nth(4).waitFor({ state: 'attached' });
  const [given, needed] = (await page.evaluate(`(() => {
    const select = document.querySelector('select[name=metric]');
    const given = select.offsetWidth;
    select.style.width = 'max-content';
    select.style.maxWidth = 'none';
    return [given, select.offsetWidth];
  })()`)) as [number, number];
  expect(given).toBeGreaterThanOrEqual(needed);
  const log = session.section('Members come and go');
  expect((await log.boundingBox())?.height).toBeLessThan(60);
});

it('finds its controller again when that was restarted, and goes on live', async () => {
  const session = await open({}, 1);
  const controller = grid.nodes[1];
  await controller?.end('SIGTERM', 30_000);
  await session.page.getByText('Connection lost, trying again').waitFor();
  await session.screenshot('lost');
  grid.startController(1);
  await grid.untilUp(4, 1);
  await session.page.getByText('Live', { exact: true }).waitFor();
  const id = await grid.valQuery(1, 'NPV', 10);
  await session.job(id).getByText('completed').waitFor();
  await until('all four members on the page', async () => {
    return (await session.page.locator('.node').count()) === 4;
  });
});
