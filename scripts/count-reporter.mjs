// Counts tests for the last line of `npm test`. The counts are written after each file, so that they are there even
// when the runner does not get to its end.

import { writeFileSync } from 'node:fs';

export default class CountReporter {
  #counts = { passed: 0, failed: 0, ended: false };

  onTestModuleEnd(testModule) {
    let failedHere = 0;
    for (const test of testModule.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') this.#counts.passed++;
      if (state === 'failed') failedHere++;
    }
    // A file that fails to load, or a hook that fails, has no failed test of its own.
    if (failedHere === 0 && !testModule.ok()) failedHere = 1;
    this.#counts.failed += failedHere;
    this.#write();
  }

  onTestRunEnd(_testModules, unhandledErrors) {
    this.#counts.failed += unhandledErrors.length;
    this.#counts.ended = true;
    this.#write();
  }

  #write() {
    const path = process.env.TEST_COUNTS_FILE;
    if (path !== undefined) writeFileSync(path, JSON.stringify(this.#counts));
  }
}
