import { describe, expect, it } from 'vitest';
import { metricsFormatOf, metricsText } from './metrics-text.ts';
import { sampleMetrics } from './sample-metrics.ts';

const linesOf = (format: 'prometheus' | 'openMetrics'): string[] =>
  metricsText(sampleMetrics().snapshot(), format).split('\n');

describe('metrics as text', () => {
  it('have help and type before their samples, in the order of names', () => {
    const lines = linesOf('prometheus');
    const at = lines.indexOf('# HELP jobs_total Jobs');
    expect(lines.slice(at, at + 3)).toEqual([
      '# HELP jobs_total Jobs',
      '# TYPE jobs_total counter',
      'jobs_total 3',
    ]);
    const families = lines.filter((line) => line.startsWith('# TYPE'));
    expect(families).toEqual([...families].sort());
  });

  it('escape what would end a line, a label or a help', () => {
    const lines = linesOf('prometheus');
    expect(lines).toContain('# HELP queue_messages First line\\nsecond \\\\ line');
    expect(lines).toContain('queue_messages{actor="/user/\\"a\\"",kind="back\\\\slash"} 2');
    expect(lines).toContain('queue_messages{actor="line\\nbreak",kind=""} -0.5');
  });

  it('write what is no finite number as the format wants it', () => {
    const lines = linesOf('prometheus');
    expect(lines).toContain('limit_bytes +Inf');
    expect(lines).toContain('floor_bytes -Inf');
    expect(lines).toContain('share_ratio NaN');
  });

  it('count histograms cumulatively, up to a bucket without bound', () => {
    const lines = linesOf('prometheus').filter((line) => /^(took|sent)_/.test(line));
    expect(lines).toEqual([
      'sent_bytes_bucket{stream="large",le="64"} 0',
      'sent_bytes_bucket{stream="large",le="+Inf"} 1',
      'sent_bytes_sum{stream="large"} 100',
      'sent_bytes_count{stream="large"} 1',
      'took_seconds_bucket{le="0.1"} 2',
      'took_seconds_bucket{le="1"} 3',
      'took_seconds_bucket{le="2.5"} 3',
      'took_seconds_bucket{le="+Inf"} 5',
      'took_seconds_sum 7.85',
      'took_seconds_count 5',
    ]);
  });

  it('are OpenMetrics for who asks for it: families of counters, bounds with a point, an end', () => {
    const lines = linesOf('openMetrics');
    expect(lines).toContain('# TYPE jobs counter');
    expect(lines).toContain('jobs_total 3');
    expect(lines).toContain('took_seconds_bucket{le="1.0"} 3');
    expect(lines.slice(-2)).toEqual(['# EOF', '']);
  });

  it.each([
    [undefined, 'prometheus'],
    ['*/*', 'prometheus'],
    ['text/plain;version=0.0.4', 'prometheus'],
    ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3', 'openMetrics'],
    ['application/openmetrics-text;q=0,text/plain', 'prometheus'],
  ])('take the format from the header Accept: %s', (accept, format) => {
    expect(metricsFormatOf(accept)).toBe(format);
  });
});
