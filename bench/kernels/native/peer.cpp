// The native side of the kernel benchmark: reads trades from the file given, then answers one command a line on standard
// input with one line on standard output, so that the two sides can take turns. A timing is nanoseconds a trade, the best
// of the passes of that turn being left to the caller.
#include <ql/quantlib.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

using namespace QuantLib;

namespace {

struct SwapTerms {
  int side;
  double notional, rate, spread;
  Date start, end;
  int fixedMonths;
  bool thirty, indexed;
};

struct OptionTerms {
  int sign;
  double spot, strike, rate, dividendYield, volatility;
  Date maturity;
};

struct Market {
  Date evaluation;
  ext::shared_ptr<YieldTermStructure> curve;
  Handle<YieldTermStructure> handle;
  ext::shared_ptr<IborIndex> index;
  ext::shared_ptr<PricingEngine> engine;
};

ext::shared_ptr<VanillaSwap> makeSwap(const Market& market, const SwapTerms& terms) {
  const Schedule fixed(terms.start, terms.end, terms.fixedMonths * Months, TARGET(),
                       ModifiedFollowing, ModifiedFollowing, DateGeneration::Forward, false);
  const Schedule floating(terms.start, terms.end, 6 * Months, TARGET(), ModifiedFollowing,
                          ModifiedFollowing, DateGeneration::Forward, false);
  const DayCounter days =
      terms.thirty ? DayCounter(Thirty360(Thirty360::European)) : DayCounter(Actual360());
  auto swap = ext::make_shared<VanillaSwap>(
      terms.side > 0 ? Swap::Payer : Swap::Receiver, terms.notional, fixed, terms.rate, days,
      floating, market.index, terms.spread, Actual360(), ModifiedFollowing, terms.indexed);
  swap->setPricingEngine(market.engine);
  return swap;
}

ext::shared_ptr<GeneralizedBlackScholesProcess> makeProcess(const Date& today,
                                                            const OptionTerms& terms) {
  const DayCounter days = Actual365Fixed();
  return ext::make_shared<BlackScholesMertonProcess>(
      Handle<Quote>(ext::make_shared<SimpleQuote>(terms.spot)),
      Handle<YieldTermStructure>(ext::make_shared<FlatForward>(today, terms.dividendYield, days)),
      Handle<YieldTermStructure>(ext::make_shared<FlatForward>(today, terms.rate, days)),
      Handle<BlackVolTermStructure>(
          ext::make_shared<BlackConstantVol>(today, NullCalendar(), terms.volatility, days)));
}

ext::shared_ptr<VanillaOption> makeOption(const Date& today, const OptionTerms& terms,
                                          bool american) {
  const auto payoff = ext::make_shared<PlainVanillaPayoff>(
      terms.sign > 0 ? Option::Call : Option::Put, terms.strike);
  ext::shared_ptr<Exercise> exercise;
  if (american)
    exercise = ext::make_shared<AmericanExercise>(today, terms.maturity);
  else
    exercise = ext::make_shared<EuropeanExercise>(terms.maturity);
  auto option = ext::make_shared<VanillaOption>(payoff, exercise);
  const auto process = makeProcess(today, terms);
  if (american)
    option->setPricingEngine(
        ext::make_shared<BinomialVanillaEngine<CoxRossRubinstein>>(process, 801));
  else
    option->setPricingEngine(ext::make_shared<AnalyticEuropeanEngine>(process));
  return option;
}

double sink = 0;

void readSwap(const VanillaSwap& swap) { sink += swap.NPV() + swap.fairRate(); }

void readEuropean(const VanillaOption& option) {
  sink += option.NPV() + option.delta() + option.gamma() + option.vega() + option.theta() +
          option.rho() + option.dividendRho();
}

void readAmerican(const VanillaOption& option) {
  sink += option.NPV() + option.delta() + option.gamma() + option.theta();
}

double nanosecondsATrade(std::size_t trades, int passes, const std::function<void()>& pass) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < passes; ++i) pass();
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
  return taken.count() / (double(passes) * double(trades));
}

// ---------------------------------------------------------------- the trades

struct Trades {
  Market market;
  std::vector<SwapTerms> swapTerms;
  std::vector<OptionTerms> europeanTerms, americanTerms;
  std::vector<ext::shared_ptr<VanillaSwap>> swaps;
  std::vector<ext::shared_ptr<VanillaOption>> europeans, americans;
};

Market readMarket(std::istream& in) {
  Market market;
  int evaluation, count;
  in >> evaluation >> count;
  std::vector<Date> dates;
  std::vector<double> discounts;
  for (int i = 0; i < count; ++i) {
    int date;
    double discount;
    in >> date >> discount;
    dates.emplace_back(date);
    discounts.push_back(discount);
  }
  market.evaluation = Date(evaluation);
  Settings::instance().evaluationDate() = market.evaluation;
  market.curve = ext::make_shared<DiscountCurve>(dates, discounts, Actual360());
  market.handle = Handle<YieldTermStructure>(market.curve);
  market.index = ext::make_shared<Euribor6M>(market.handle);
  market.engine = ext::make_shared<DiscountingSwapEngine>(market.handle);
  return market;
}

std::vector<OptionTerms> readOptions(std::istream& in) {
  int count;
  in >> count;
  std::vector<OptionTerms> all;
  for (int i = 0; i < count; ++i) {
    OptionTerms terms;
    int maturity;
    in >> terms.sign >> terms.spot >> terms.strike >> terms.rate >> terms.dividendYield >>
        terms.volatility >> maturity;
    terms.maturity = Date(maturity);
    all.push_back(terms);
  }
  return all;
}

Trades readTrades(const char* path) {
  std::ifstream in(path);
  Trades trades;
  trades.market = readMarket(in);
  int count;
  in >> count;
  for (int i = 0; i < count; ++i) {
    SwapTerms terms;
    int start, end;
    in >> terms.side >> terms.notional >> terms.rate >> terms.spread >> start >> end >>
        terms.fixedMonths >> terms.thirty >> terms.indexed;
    terms.start = Date(start);
    terms.end = Date(end);
    trades.swapTerms.push_back(terms);
    trades.swaps.push_back(makeSwap(trades.market, terms));
  }
  const Date today = trades.market.evaluation;
  trades.europeanTerms = readOptions(in);
  for (const auto& terms : trades.europeanTerms)
    trades.europeans.push_back(makeOption(today, terms, false));
  trades.americanTerms = readOptions(in);
  for (const auto& terms : trades.americanTerms)
    trades.americans.push_back(makeOption(today, terms, true));
  QL_REQUIRE(in, "cannot read the trades in " << path);
  return trades;
}

// ---------------------------------------------------------------- commands

void printValues(Trades& trades, const std::string& what) {
  std::string line;
  char cell[40];
  const auto add = [&](double value) {
    std::snprintf(cell, sizeof cell, "%.17g ", value);
    line += cell;
  };
  if (what == "swaps")
    for (const auto& swap : trades.swaps) add(swap->NPV()), add(swap->fairRate());
  if (what == "europeans")
    for (const auto& option : trades.europeans)
      add(option->NPV()), add(option->delta()), add(option->gamma()), add(option->vega()),
          add(option->theta()), add(option->rho()), add(option->dividendRho());
  if (what == "americans")
    for (const auto& option : trades.americans)
      add(option->NPV()), add(option->delta()), add(option->gamma()), add(option->theta());
  std::puts(line.c_str());
}

double timing(Trades& trades, const std::string& what, int passes) {
  const Date today = trades.market.evaluation;
  if (what == "swaps-made")
    return nanosecondsATrade(trades.swaps.size(), passes, [&] {
      for (const auto& terms : trades.swapTerms) readSwap(*makeSwap(trades.market, terms));
    });
  if (what == "swaps-kept")
    return nanosecondsATrade(trades.swaps.size(), passes, [&] {
      for (const auto& swap : trades.swaps) swap->recalculate(), readSwap(*swap);
    });
  if (what == "europeans-made")
    return nanosecondsATrade(trades.europeans.size(), passes, [&] {
      for (const auto& terms : trades.europeanTerms)
        readEuropean(*makeOption(today, terms, false));
    });
  if (what == "europeans-kept")
    return nanosecondsATrade(trades.europeans.size(), passes, [&] {
      for (const auto& option : trades.europeans) option->recalculate(), readEuropean(*option);
    });
  if (what == "americans-kept")
    return nanosecondsATrade(trades.americans.size(), passes, [&] {
      for (const auto& option : trades.americans) option->recalculate(), readAmerican(*option);
    });
  QL_FAIL("no command " << what);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  try {
    Trades trades = readTrades(arguments[1]);
    std::printf("ready QuantLib %s\n", QL_VERSION);
    std::fflush(stdout);
    std::string verb, what;
    int passes;
    while (std::cin >> verb >> what >> passes) {
      if (verb == "values")
        printValues(trades, what);
      else
        std::printf("%.17g\n", timing(trades, what, passes));
      std::fflush(stdout);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return sink == 0.5 ? 3 : 0;
}
