// Kernels of rate instruments: columns in, numbers and a status byte a trade out.

export {
  createDepositBatch,
  createDepositResults,
  type DepositBatch,
  type DepositResults,
  priceDeposits,
} from './deposit.ts';
export {
  createFraBatch,
  createFraResults,
  type FraBatch,
  type FraResults,
  priceFras,
  projectFras,
} from './fra.ts';
export type { RateMarket, RateResults } from './rate-market.ts';
export { createSwapPricer, createSwapResults, type SwapPricer, type SwapResults } from './swap.ts';
export { createSwapBatch, type LegColumns, type SwapBatch } from './swap-batch.ts';
