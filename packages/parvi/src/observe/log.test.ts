import { describe, expect, it } from 'vitest';
import { ParviError, type ProcessPort } from '../runtime/index.ts';
import { ManualTime } from '../testkit/manual-time.ts';
import { jsonLines, jsonSink } from './json-log.ts';
import { LogLimiter, logOnce } from './log-limiter.ts';
import { createLogger, type LogControl, logLevels } from './logger.ts';
import { memoryLog } from './memory-log.ts';
import { logOptions, openLog } from './options.ts';
import { terminalSink } from './terminal-log.ts';

describe('a logger', () => {
  it('writes from its level on, and follows a change of it in all children', () => {
    const lines: string[] = [];
    const control: LogControl = { level: 'warn' };
    const sink = {
      write: ({ message }: { message: string }) => lines.push(message),
      flush: () => Promise.resolve(),
    };
    const logger = createLogger({ sink, control });
    const child = logger.child({ part: 'a' });
    child.info({}, 'one');
    child.warn({}, 'two');
    control.level = 'trace';
    child.trace({}, 'three');
    control.level = 'silent';
    logger.error({}, 'four');
    expect(lines).toEqual(['two', 'three']);
    expect(child.isEnabled('error')).toBe(false);
  });

  it('adds the fields of a child, which the fields of a line override', () => {
    const log = memoryLog();
    log.logger.child({ part: 'a', actor: 'x' }).child({ part: 'b' }).info({ actor: 'y' }, 'said');
    expect(log.lines).toEqual([
      { level: 'info', fields: { part: 'b', actor: 'y' }, message: 'said' },
    ]);
    expect(log.messages('warn')).toEqual([]);
  });

  it.each(logLevels)('takes a message alone at %s', (level) => {
    const log = memoryLog();
    log.logger.child({ part: 'a' })[level]('Said');
    log.logger[level]('And again');
    expect(log.lines).toEqual([
      { level, fields: { part: 'a' }, message: 'Said' },
      { level, fields: {}, message: 'And again' },
    ]);
  });
});

function fails(): never {
  throw new Error('not readable');
}

/** Values that throw when they are looked at, or have no text. */
function oddValues(): Record<string, unknown> {
  return {
    bare: Object.create(null),
    proxy: new Proxy({}, { get: fails, has: fails, ownKeys: fails, getPrototypeOf: fails }),
    error: Object.defineProperty(new Error('odd'), 'stack', { get: fails }),
    text: { toJSON: fails },
    nothing: { toJSON: () => undefined },
    code: Object.assign(() => 1, { toString: fails }),
    symbol: Symbol('s'),
  };
}

describe('the JSON log', () => {
  function written(write: (logger: ReturnType<typeof createLogger>) => void): unknown[] {
    const lines: string[] = [];
    const to = { write: (line: string) => lines.push(line), flush: () => Promise.resolve() };
    const sink = jsonSink({ base: { node: 'n1' }, to });
    write(createLogger({ sink, control: { level: 'trace' } }));
    return lines.map((line) => JSON.parse(line));
  }

  it('writes one object a line with level, time, fields and message', () => {
    const [line] = written((logger) => logger.warn({ peer: 'a\nb', uid: 5n }, 'Not reachable'));
    expect(line).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      node: 'n1',
      peer: 'a\nb',
      uid: 5,
      message: 'Not reachable',
    });
  });

  it('shows code, fields and causes of an error', () => {
    const error = new ParviError('A_CODE', 'Cannot do it', {
      fields: { value: 1 },
      cause: new TypeError('below'),
    });
    const [line] = written((logger) => logger.error({ error }, 'Failed'));
    expect(line).toMatchObject({
      error: {
        type: 'ParviError',
        code: 'A_CODE',
        fields: { value: 1 },
        cause: { type: 'TypeError', message: 'below' },
      },
    });
  });

  it('writes its line whatever the values are', () => {
    const values = oddValues();
    const lines = written((logger) => {
      logger.warn(values, 'Odd');
      for (const error of Object.values(values)) logger.error({ error }, 'Odder');
      logger.info(Object.defineProperty({}, 'a', { enumerable: true, get: fails }), 'Last');
    });
    expect(lines.length).toBe(2 + Object.keys(values).length);
    expect(lines[0]).toMatchObject({ message: 'Odd', error: { message: 'odd' } });
    expect(lines.at(-1)).toMatchObject({ message: 'Last', error: { message: 'not readable' } });
  });

  it('shows what was thrown even when it is no error', () => {
    const [line] = written((logger) => logger.error({ error: 'oops' }, 'Failed'));
    expect(line).toMatchObject({ error: { message: 'oops' } });
  });
});

describe('the place of JSON lines', () => {
  it('is one for all logs of the process, and another for each stream', () => {
    const output = jsonLines(1);
    const errors = jsonLines(2);
    expect(output).not.toBe(errors);
    expect(jsonLines(1)).toBe(output);
    expect(jsonLines(2)).toBe(errors);
  });
});

describe('the log on a terminal', () => {
  function terminal(colours: boolean) {
    const texts: string[] = [];
    const clock = new ManualTime({ wallStartMs: 3_723_004 }).clock;
    const sink = terminalSink({ clock, colours, write: (text) => texts.push(text) });
    return { texts, logger: createLogger({ sink, control: { level: 'trace' } }) };
  }

  it('writes time, level, sentence and fields', () => {
    const { texts, logger } = terminal(false);
    logger.info({ peer: 'pekko://a@h:1', text: 'two words', list: [1, 2n], none: undefined }, 'Up');
    expect(texts).toEqual([
      '01:02:03.004 INFO  Up peer=pekko://a@h:1 text="two words" list=[1,"2"]\n',
    ]);
  });

  it('writes an error with its causes below the line', () => {
    const { texts, logger } = terminal(false);
    const error = new ParviError('A_CODE', 'Cannot do it', { cause: new Error('below') });
    logger.error({ error }, 'Failed');
    const lines = (texts[0] ?? '').split('\n');
    expect(lines[0]).toBe('01:02:03.004 ERROR Failed');
    expect(lines[1]).toBe('  ParviError (A_CODE): Cannot do it');
    expect(lines.some((line) => line === '  caused by Error: below')).toBe(true);
  });

  it('lets no text from outside forge lines, move the cursor or colour the screen', () => {
    const { texts, logger } = terminal(false);
    logger.warn({ name: 'a\u001b[2Jb\r\nfake' }, 'x\n00:00 INFO forged\u0007');
    expect(texts[0]).toBe(
      '01:02:03.004 WARN  x\\n00:00 INFO forged\\u0007 name="a\\u001b[2Jb\\r\\nfake"\n',
    );
  });

  it('survives values that contain themselves', () => {
    const { texts, logger } = terminal(false);
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    logger.warn({ loop }, 'Odd');
    expect(texts[0]).toContain('loop=[not readable]');
  });

  it('writes its line whatever the values are', () => {
    const { texts, logger } = terminal(false);
    const values = oddValues();
    logger.warn(values, 'Odd');
    for (const error of Object.values(values)) logger.error({ error }, 'Odder');
    expect(texts.length).toBe(1 + Object.keys(values).length);
    expect(texts[0]).toContain('proxy=[not readable]');
    expect(texts[0]).toContain('symbol=Symbol(s)');
    expect(texts[0]).toContain('Error: odd');
  });

  it('uses colours only when told to', () => {
    const { texts, logger } = terminal(true);
    logger.info({}, 'Up');
    expect(texts[0]).toContain('\u001b[32mINFO');
  });
});

describe('the log of a process', () => {
  function open(given: { level?: 'warn'; format?: 'text' }, isTerminal: boolean, noColor?: string) {
    const out: string[] = [];
    const process: ProcessPort = {
      environment: { NO_COLOR: noColor },
      processId: 1,
      onSignal: () => ({ cancel: () => undefined }),
      exit: () => undefined,
      writeOut: (text) => out.push(text),
      writeError: () => undefined,
      isTerminal: () => isTerminal,
      residentBytes: () => 0,
    };
    const options = logOptions.parse({ stream: 'stdout', ...given });
    return { out, log: openLog(options, { process, clock: new ManualTime().clock }) };
  }

  it('is text in colours on a terminal, unless colours are unwanted', () => {
    const coloured = open({}, true);
    coloured.log.logger.info({}, 'Up');
    expect(coloured.out[0]).toContain('\u001b[');
    const plain = open({}, true, '1');
    plain.log.logger.info({}, 'Up');
    expect(plain.out[0]).toBe('00:00:00.000 INFO  Up\n');
  });

  it('has the level asked for, and text without colours elsewhere when asked for', () => {
    const { out, log } = open({ level: 'warn', format: 'text' }, false);
    log.logger.info({}, 'one');
    log.logger.warn({}, 'two');
    log.control.level = 'info';
    log.logger.info({}, 'three');
    expect(out.map((text) => text.slice(13))).toEqual(['WARN  two\n', 'INFO  three\n']);
  });
});

describe('a log limiter', () => {
  it('writes each key once', () => {
    const log = memoryLog();
    const once = logOnce(log.logger, new ManualTime().clock);
    expect(once.write('a', 'warn', { n: 1 }, 'first')).toBe(true);
    expect(once.write('a', 'warn', { n: 2 }, 'again')).toBe(false);
    once.write('b', 'warn', {}, 'other');
    expect(log.messages()).toEqual(['first', 'other']);
    once.reset('a');
    once.write('a', 'warn', {}, 'anew');
    expect(log.messages()).toEqual(['first', 'other', 'anew']);
  });

  it('writes again after the interval and says how many were held back', () => {
    const log = memoryLog();
    const time = new ManualTime();
    const limiter = new LogLimiter({ log: log.logger, clock: time.clock, intervalMs: 1000 });
    for (let i = 0; i < 4; i++) limiter.write('a', 'warn', { i }, 'dropped');
    time.advance(999);
    limiter.write('a', 'warn', {}, 'dropped');
    time.advance(1);
    limiter.write('a', 'warn', { i: 9 }, 'dropped');
    time.advance(1000);
    limiter.write('a', 'warn', {}, 'dropped');
    expect(log.lines.map((line) => line.fields)).toEqual([{ i: 0 }, { i: 9, suppressed: 4 }, {}]);
  });

  it('forgets the key logged longest ago when there are too many', () => {
    const log = memoryLog();
    const clock = new ManualTime().clock;
    const limiter = new LogLimiter({ log: log.logger, clock, keysMax: 2 });
    for (const key of ['a', 'b', 'c', 'b', 'a']) limiter.write(key, 'info', {}, key);
    expect(log.messages()).toEqual(['a', 'b', 'c', 'a']);
  });

  it('writes only so many new keys in a window, and says once how many it did not', () => {
    const log = memoryLog();
    const time = new ManualTime();
    const { clock } = time;
    const options = { log: log.logger, clock, newKeysMax: 3, windowMs: 1000, keysMax: 2 };
    const limiter = new LogLimiter(options);
    for (let i = 0; i < 10_000; i++) limiter.write(`key ${i}`, 'warn', { i }, 'dropped');
    time.advance(999);
    limiter.tick();
    expect(log.lines).toHaveLength(3);
    time.advance(1);
    limiter.tick();
    limiter.tick();
    expect(log.messages().slice(3)).toEqual(['9997 more lines like these were not logged']);
    expect(log.lines[3]?.fields).toEqual({ notLogged: 9997, withinMs: 1000, last: 'dropped' });
    expect(limiter.write('another', 'warn', {}, 'dropped')).toBe(true);
  });

  it('writes a key that it remembers although the window is full', () => {
    const log = memoryLog();
    const time = new ManualTime();
    const options = { log: log.logger, clock: time.clock, intervalMs: 10, newKeysMax: 1 };
    const limiter = new LogLimiter(options);
    for (const key of ['known', 'new', 'known']) limiter.write(key, 'warn', {}, key);
    time.advance(10);
    limiter.write('known', 'warn', {}, 'known again');
    expect(log.messages()).toEqual(['known', 'known again']);
  });

  it('does not use up a key with a line that is not written', () => {
    const log = memoryLog('warn');
    const once = logOnce(log.logger, new ManualTime().clock);
    once.write('a', 'debug', {}, 'hidden');
    once.write('a', 'warn', {}, 'shown');
    expect(log.messages()).toEqual(['shown']);
  });
});
