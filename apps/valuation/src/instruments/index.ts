// What can be priced: the trades, their schemas and the words they are written in.

export {
  type CsvHeaderParse,
  type CsvProblem,
  type CsvRowParse,
  csvColumns,
  csvHeader,
  parseCsvHeader,
  parseCsvRow,
  tradeToCsv,
} from './csv.ts';
export { nearestName } from './nearest-name.ts';
export {
  type AmericanEngine,
  type AmericanOptionTrade,
  americanEngines,
  americanOptionSchema,
  type EuropeanEngine,
  type EuropeanOptionTrade,
  europeanEngines,
  europeanOptionSchema,
  volatilityMax,
} from './option-trades.ts';
export { plainWords } from './plain-words.ts';
export {
  type DepositTrade,
  depositSchema,
  type FraTrade,
  fraSchema,
  notionalMax,
  type SwapTrade,
  swapSchema,
} from './rate-trades.ts';
export {
  type InstrumentName,
  instrumentFields,
  instrumentNames,
  parseTrade,
  type Trade,
  type TradeParse,
  type TradeProblem,
  type TradeProblemCode,
  tradeProblemCodes,
  tradeSchema,
} from './trade.ts';
export {
  type BusinessDayConvention,
  businessDayConventions,
  type CalendarName,
  type CouponType,
  calendarNames,
  calendarSchema,
  conventionSchema,
  couponTypeSchema,
  type DateGenerationRule,
  type DayCountName,
  dateRange,
  dateSchema,
  dayCountNames,
  dayCountSchema,
  type FrequencyName,
  frequencyNames,
  frequencySchema,
  frequencyTenors,
  nameSchema,
  rateSchema,
  tenorSchema,
} from './vocabulary.ts';
