// The files of this folder by the checkers of those who read them: no process is started for it but these.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ruleFiles } from './files.ts';
import { monitoringTools, output, type Tools } from './tools.ts';

const own = import.meta.dirname;
const cases = readdirSync(join(own, 'rules-tests')).map((name) => join(own, 'rules-tests', name));

let tools: Tools;

beforeAll(async () => {
  tools = await monitoringTools();
}, 300_000);

describe('files of monitoring', () => {
  it('are rules that Prometheus takes', async () => {
    const told = await output(tools.promtool, ['check', 'rules', ...ruleFiles()]);
    expect(told.match(/SUCCESS/g)).toHaveLength(ruleFiles().length);
  });

  it.each(cases)('have alerts that fire when they must, and only then: %s', async (path) => {
    expect(await output(tools.promtool, ['test', 'rules', path])).toContain('SUCCESS');
  });

  it('are configurations that Prometheus and Alertmanager take', async () => {
    const config = join(own, 'prometheus.yml');
    expect(await output(tools.promtool, ['check', 'config', config])).toContain('SUCCESS');
    const alerts = join(own, 'alertmanager.yml');
    expect(await output(tools.amtool, ['check-config', alerts])).toContain('SUCCESS');
  });
});
