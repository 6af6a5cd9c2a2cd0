// A logger whose lines say what is known only when they are written: the trace that they belong to, the member.

import type { LogFields, Logger, LogLevel } from './logger.ts';

export function contextLogger(log: Logger, more: () => LogFields | undefined): Logger {
  const at =
    (level: LogLevel) =>
    (first: LogFields | string, second = ''): void => {
      if (!log.isEnabled(level)) return;
      const [fields, message] = typeof first === 'string' ? [{}, first] : [first, second];
      log[level]({ ...more(), ...fields }, message);
    };
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    isEnabled: (level) => log.isEnabled(level),
    child: (fields) => contextLogger(log.child(fields), more),
  };
}
