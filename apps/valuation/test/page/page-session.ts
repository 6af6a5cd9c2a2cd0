// A page of the grid in a browser, with everything it complains of, and what tests look for in it.

import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { artifacts } from '../acceptance/process-grid.ts';

export interface SessionOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly where: readonly string[];
}

/** Keeps each status that the card of a node has shown, for how short a while ever. */
const watchStatuses = `
  window.shownStatuses = {};
  new MutationObserver(() => {
    for (const card of document.querySelectorAll('[data-address]')) {
      const shown = (window.shownStatuses[card.dataset.address] ??= []);
      const status = card.querySelector('.status')?.textContent;
      if (shown.at(-1) !== status) shown.push(status);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });`;

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
const screenshots = join(artifacts, 'page');

export class PageSession {
  readonly page: Page;
  /** What the console was told as an error, and what was thrown and not caught. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  static async open(browser: Browser, url: string, options: SessionOptions = {}) {
    const { theme = 'light', width = 1300, height = 900 } = options;
    const context = await browser.newContext({
      locale: 'en-GB',
      colorScheme: theme,
      viewport: { width, height },
      // The page allows no scripts but its own; the accessibility checker is one more.
      bypassCSP: true,
    });
    // What is waited for here are events, which come when they come: only the test as a whole has its time.
    context.setDefaultTimeout(0);
    await context.addInitScript(watchStatuses);
    const session = new PageSession(await context.newPage());
    await session.page.goto(url);
    await session.page.getByText('Live', { exact: true }).waitFor();
    return session;
  }

  node(address: string): Locator {
    return this.page.locator(`[data-address="${address}"]`);
  }

  /** The statuses that the node's card has shown so far, in their order. */
  async statusesOf(address: string): Promise<readonly string[]> {
    const shown = (await this.page.evaluate('window.shownStatuses')) as Record<string, string[]>;
    return shown[address] ?? [];
  }

  job(id: string): Locator {
    return this.page.locator(`tr[data-job="${id}"]`);
  }

  section(name: string | RegExp): Locator {
    return this.page.getByRole('region', { name });
  }

  /** Uploads a portfolio through the form; the id of the job that is shown then. */
  async upload(name: string, text: string, metric: string): Promise<string> {
    const { page } = this;
    const buffer = Buffer.from(text);
    await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer });
    await page.getByLabel('Metric').selectOption(metric);
    await page.getByRole('button', { name: 'Price it' }).click();
    const row = page.locator('tr.chosen', { hasText: name });
    await row.waitFor();
    return (await row.getAttribute('data-job')) ?? '';
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
  }

  /** What an accessibility checker finds that keeps people from using the page. */
  async seriousViolations(): Promise<Violation[]> {
    await this.page.evaluate(axeSource);
    const found = (await this.page.evaluate(`axe.run(document).then(({ violations }) =>
      violations.map(({ id, impact, help, nodes }) =>
        ({ id, impact, help, where: nodes.slice(0, 5).map((node) => node.html + ' ' + node.failureSummary) })))`)) as Violation[];
    return found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
