// Option kernels: arrays of options in, arrays of values and greeks out.

export {
  type AmericanEngineName,
  consensusEngines,
  type EuropeanEngineName,
  type OptionEngineOptions,
  optionEngineDefaults,
  priceAmerican,
  priceEuropean,
} from './engines.ts';
export {
  createOptionBatch,
  createOptionResults,
  type OptionBatch,
  type OptionResults,
  thetaPerDay,
} from './options-batch.ts';
