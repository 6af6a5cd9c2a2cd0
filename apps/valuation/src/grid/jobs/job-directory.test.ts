import { describe, expect, it } from 'vitest';
import { sampleView as view } from '../sample-view.ts';
import { JobDirectory } from './job-directory.ts';

describe('the directory of the other controllers’ jobs', () => {
  it('reports the unfinished jobs of a dead controller as lost, and no others', () => {
    const directory = new JobDirectory();
    directory.learn('a', [{ view: view('1', 'running') }, { view: view('2', 'completed') }]);
    directory.learn('b', [{ view: view('3', 'running') }]);
    const lost = directory.lose('a', 'now');
    expect(lost).toMatchObject([{ id: '1', state: 'lost', endedAt: 'now' }]);
    expect(directory.find('2')).toMatchObject({ gone: true, view: { state: 'completed' } });
    expect(directory.find('3')).toMatchObject({ gone: false, view: { state: 'running' } });
    expect(directory.lose('a', 'later')).toEqual([]);
  });

  it('takes another’s word on jobs that are gone where it knows nothing of them, and passes it on', () => {
    const directory = new JobDirectory();
    directory.learn('b', [{ view: view('1', 'running') }]);
    const told = [
      { view: view('1', 'lost') },
      { view: view('2', 'lost'), idempotencyKey: 'k', digest: 'd' },
      { view: view('3', 'completed') },
    ];
    expect(directory.inherit('a', told).map(({ id }) => id)).toEqual(['2', '3']);
    expect(directory.find('1')).toMatchObject({ controller: 'b', gone: false });
    expect(directory.find('3')).toMatchObject({ controller: 'a', gone: true });
    expect([...directory.goneJobs()]).toEqual([['a', told.slice(1)]]);
  });

  it('does not let late news bring back a job that is gone', () => {
    const directory = new JobDirectory();
    directory.learn('a', [{ view: view('1', 'running') }]);
    directory.lose('a', 'now');
    expect(directory.learn('a', [{ view: view('1', 'completed') }])).toEqual([]);
    expect(directory.find('1')).toMatchObject({ gone: true, view: { state: 'lost' } });
  });

  it('does not let late news of progress undo an end', () => {
    const directory = new JobDirectory();
    directory.learn('a', [{ view: view('1', 'completed') }]);
    expect(directory.learn('a', [{ view: view('1', 'running') }])).toEqual([]);
    expect(directory.find('1')?.view.state).toBe('completed');
  });

  it('finds a job by its idempotency key', () => {
    const directory = new JobDirectory();
    directory.learn('a', [{ view: view('1', 'running'), idempotencyKey: 'k', digest: 'd' }]);
    expect(directory.findKey('k')).toMatchObject({ digest: 'd' });
    expect(directory.findKey('other')).toBeUndefined();
  });

  it('finds the job that was sent again under its key, not those that are lost or gone', () => {
    const directory = new JobDirectory();
    const keyed = { idempotencyKey: 'k', digest: 'd' };
    directory.learn('a', [
      { view: view('1', 'running'), ...keyed },
      { view: view('2', 'completed'), ...keyed },
    ]);
    directory.learn('b', [{ view: view('3', 'lost'), ...keyed }]);
    directory.lose('a', 'now');
    expect(directory.findKey('k')).toBeUndefined();
    directory.learn('b', [{ view: view('4', 'running'), ...keyed }]);
    expect(directory.findKey('k')).toMatchObject({ view: { id: '4' } });
  });

  it('forgets the oldest jobs rather than growing for ever', () => {
    const directory = new JobDirectory();
    for (let i = 0; i < 1100; i++) directory.learn('a', [{ view: view(String(i), 'completed') }]);
    expect(directory.views()).toHaveLength(1000);
    expect(directory.find('0')).toBeUndefined();
    expect(directory.find('1099')).toBeDefined();
  });
});
