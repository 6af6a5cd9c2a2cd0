// Layer 1: options from code, file, environment and flags; checked once, frozen, described.

export {
  type Config,
  type ConfigEntry,
  type ConfigInput,
  type ConfigSources,
  configOf,
  environmentPrefixDefault,
  loadConfig,
} from './config.ts';
export { describeOptions, type OptionDescription, optionsMarkdown } from './describe.ts';
export { ConfigError, type ConfigErrorCode, type ConfigProblem } from './errors.ts';
export { expectationOf, ownMessagesOnly } from './expectation.ts';
export { type ReadTextFile, readSecretFile, readTextFile } from './file.ts';
export { type ParsedFlags, parseFlags } from './flags.ts';
export {
  deploymentNames,
  duration,
  type OptionMeta,
  port,
  type Settings,
  settingsSection,
} from './kinds.ts';
export { editDistance, nearest, type UnknownOption, unknownOption } from './nearest.ts';
export type { ConfigSchema, OptionKind } from './option-leaf.ts';
export { maskedText, shownValue } from './option-text.ts';
export { type ConfigOrigin, type EnvironmentRecord, originText } from './sources.ts';
