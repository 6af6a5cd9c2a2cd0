// /loglevel/pekko and /loglevel/logback: the level of the log in the words of Pekko and of Logback (`LogLevelRoutes`). A
// node has one level for everything, so that each logger has it; set it may be for the root logger only.

import type { LogControl, Logger } from '../observe/index.ts';
import { forbidden, ok, parameterMalformed, parameterMissing, textAnswer } from './answers.ts';
import type { FullAnswer, Handler, ManagementRequest, Route } from './protocol.ts';

type Level = LogControl['level'];

/** Names there and our levels; of several names for one level, the first is told. */
const pekkoLevels: ReadonlyMap<string, Level> = new Map([
  ['OFF', 'silent'],
  ['ERROR', 'error'],
  ['WARNING', 'warn'],
  ['INFO', 'info'],
  ['DEBUG', 'debug'],
]);
const logbackLevels: ReadonlyMap<string, Level> = new Map([
  ['TRACE', 'trace'],
  ['ALL', 'trace'],
  ['DEBUG', 'debug'],
  ['INFO', 'info'],
  ['WARN', 'warn'],
  ['ERROR', 'error'],
  ['OFF', 'silent'],
]);

const rootLogger = 'ROOT';

export interface LogLevelRoutesOptions {
  readonly control: LogControl;
  readonly log: Logger;
  readonly writes: boolean;
}

export function logLevelRoutes(options: LogLevelRoutesOptions): Route[] {
  const { control } = options;
  const group = 'other';
  const pekko: Route = {
    path: '/loglevel/pekko',
    match: 'exact',
    group,
    methods: {
      GET: () => textAnswer(200, nameOf(control.level, pekkoLevels)),
      PUT: (request) => setLevel(request, pekkoLevels, options),
    },
  };
  const logback: Route = {
    path: '/loglevel/logback',
    match: 'exact',
    group,
    methods: {
      GET: ofLogger(() => textAnswer(200, nameOf(control.level, logbackLevels))),
      PUT: ofLogger((request, logger) => {
        if (!options.writes) return forbidden;
        if (logger.toUpperCase() !== rootLogger) return otherLogger(logger);
        return setLevel(request, logbackLevels, options);
      }),
    },
  };
  return [pekko, logback];
}

function ofLogger(answer: (request: ManagementRequest, logger: string) => FullAnswer): Handler {
  return (request) => {
    const logger = request.query.get('logger');
    return logger === null ? parameterMissing('logger') : answer(request, logger);
  };
}

function otherLogger(logger: string): FullAnswer {
  const shown = logger.slice(0, 100);
  return textAnswer(
    404,
    `There is no logger "${shown}" with a level of its own: a node has one level, that of "${rootLogger}"`,
  );
}

function setLevel(
  { query, client }: ManagementRequest,
  levels: ReadonlyMap<string, Level>,
  { control, log, writes }: LogLevelRoutesOptions,
): FullAnswer {
  if (!writes) return forbidden;
  const name = query.get('level');
  if (name === null) return parameterMissing('level');
  const level = levels.get(name.toUpperCase());
  if (level === undefined) {
    const known = [...levels.keys()].join(',');
    const why = `Unknown logger level ${name.slice(0, 100)}, allowed are [${known}]`;
    return parameterMalformed('level', why);
  }
  log.info({ from: control.level, to: level, client }, 'Log level is changed through management');
  control.level = level;
  return ok;
}

/** Pekko has no level for our most talkative one. */
function nameOf(level: Level, levels: ReadonlyMap<string, Level>): string {
  return [...levels].find(([, one]) => one === level)?.[0] ?? 'DEBUG';
}
