// European and American options: closed form with greeks, eight engines side by side, trees and finite differences.
#include "conventions.hpp"
#include "outputs.hpp"

#include <iostream>

namespace golden {

namespace {

struct OptionTerms {
  Option::Type type = Option::Put;
  double spot = 36, strike = 40, rate = 0.06, dividendYield = 0, volatility = 0.2;
  Date evaluation = Date(15, May, 1998), reference = Date(17, May, 1998),
       maturity = Date(17, May, 1999);
  std::string counter = "Act/365F";

  double time() const { return dayCount(counter).yearFraction(reference, maturity); }

  ext::shared_ptr<BlackScholesMertonProcess> process() const {
    const DayCounter days = dayCount(counter);
    return ext::make_shared<BlackScholesMertonProcess>(
        Handle<Quote>(ext::make_shared<SimpleQuote>(spot)),
        Handle<YieldTermStructure>(ext::make_shared<FlatForward>(reference, dividendYield, days)),
        Handle<YieldTermStructure>(ext::make_shared<FlatForward>(reference, rate, days)),
        Handle<BlackVolTermStructure>(
            ext::make_shared<BlackConstantVol>(reference, TARGET(), volatility, days)));
  }

  VanillaOption option(bool american) const {
    Settings::instance().evaluationDate() = evaluation;
    const auto payoff = ext::make_shared<PlainVanillaPayoff>(type, strike);
    ext::shared_ptr<Exercise> exercise;
    if (american)
      exercise = ext::make_shared<AmericanExercise>(reference, maturity);
    else
      exercise = ext::make_shared<EuropeanExercise>(maturity);
    return VanillaOption(payoff, exercise);
  }

  void write(Table& table, const std::string& id) const {
    table.text("id", id).text("type", type == Option::Call ? "call" : "put");
    table.real("spot", spot).real("strike", strike).real("rate", rate);
    table.real("dividendYield", dividendYield).real("volatility", volatility);
    table.date("evaluationDate", evaluation).date("referenceDate", reference);
    table.date("maturityDate", maturity).text("dayCount", counter).real("time", time());
  }
};

OptionTerms random(Chance& chance) {
  OptionTerms terms;
  static const std::vector<std::string> counters{"Act/365F", "Act/365F", "Act/360",
                                                 "Act/Act ISDA", "30/360 European"};
  terms.type = chance.oneIn(2) ? Option::Call : Option::Put;
  terms.spot = chance.quote(5, 120, 0.25);
  terms.strike = chance.quote(0.6 * terms.spot, 1.6 * terms.spot, 0.25);
  terms.rate = chance.quote(-0.01, 0.1, 0.0005);
  terms.dividendYield = chance.oneIn(3) ? 0 : chance.quote(-0.005, 0.08, 0.0005);
  terms.volatility = chance.quote(0.08, 0.6, 0.0025);
  terms.evaluation = Date(1, January, 2010) + chance.integer(0, 4000);
  terms.reference = terms.evaluation + (chance.oneIn(4) ? 2 : 0);
  terms.maturity = terms.reference + chance.integer(20, chance.oneIn(3) ? 1800 : 500);
  terms.counter = chance.pick(counters);
  return terms;
}

using Engine = ext::shared_ptr<PricingEngine>;
using Process = ext::shared_ptr<BlackScholesMertonProcess>;

Engine tree(const std::string& name, const Process& process, Size steps) {
  if (name == "jarrowRudd")
    return ext::make_shared<BinomialVanillaEngine<JarrowRudd>>(process, steps);
  if (name == "additiveEqp")
    return ext::make_shared<BinomialVanillaEngine<AdditiveEQPBinomialTree>>(process, steps);
  if (name == "joshi4") return ext::make_shared<BinomialVanillaEngine<Joshi4>>(process, steps);
  if (name == "crr")
    return ext::make_shared<BinomialVanillaEngine<CoxRossRubinstein>>(process, steps);
  if (name == "leisenReimer")
    return ext::make_shared<BinomialVanillaEngine<LeisenReimer>>(process, steps);
  QL_FAIL("no tree " << name);
}

template <class Numbers>
Engine simulation(const Process& process) {
  return ext::make_shared<MCEuropeanEngine<Numbers>>(process, 1, Null<Size>(), false, false,
                                                     Null<Size>(), 0.02, 1048576, 42);
}

double value(VanillaOption& option, const Engine& engine) {
  option.setPricingEngine(engine);
  return option.NPV();
}

// The lattice of an American option asks "is it exercise time?" with a plain comparison. Where the last
// grid time, steps · (time / steps), is rounded to less than the time, the payoff at maturity is lost.
bool dropsPayoff(double time, Size steps) { return steps * (time / steps) < time; }

// ---------------------------------------------------------------- European, closed form

void addEuropean(Table& table, const OptionTerms& terms, int number) {
  VanillaOption option = terms.option(false);
  option.setPricingEngine(ext::make_shared<AnalyticEuropeanEngine>(terms.process()));
  terms.write(table, "european-" + std::to_string(number));
  table.real("value", option.NPV()).real("delta", option.delta()).real("gamma", option.gamma());
  table.real("vega", option.vega()).real("theta", option.theta());
  table.real("thetaPerDay", option.thetaPerDay()).real("rho", option.rho());
  table.real("dividendRho", option.dividendRho());
}

std::string europeans() {
  Chance chance(19980515);
  Table table;
  addEuropean(table, OptionTerms(), 0);
  for (int i = 1; i <= 600; ++i) {
    OptionTerms terms = random(chance);
    if (i % 10 == 0) terms.strike = terms.spot * chance.quote(0.05, 6, 0.01);
    if (i % 15 == 0) terms.maturity = terms.reference + chance.integer(1, 5);
    if (i % 20 == 0) terms.maturity = terms.reference + chance.integer(3000, 11000);
    if (i % 25 == 0) terms.volatility = chance.quote(0.005, 0.03, 0.001);
    if (i % 30 == 0) terms.volatility = chance.quote(0.8, 2.5, 0.01);
    if (i % 35 == 0) terms.spot *= 1000, terms.strike *= 1000;
    addEuropean(table, terms, i);
  }
  return table.json();
}

// ---------------------------------------------------------------- eight engines

bool addEngines(Table& table, const OptionTerms& terms, int number) {
  const Process process = terms.process();
  VanillaOption option = terms.option(false);
  std::vector<std::pair<std::string, double>> values;
  const auto add = [&](const std::string& name, const Engine& engine) {
    values.emplace_back(name, value(option, engine));
  };
  try {
    add("analytic", ext::make_shared<AnalyticEuropeanEngine>(process));
    add("integral", ext::make_shared<IntegralEngine>(process));
    add("finiteDifferences", ext::make_shared<FdBlackScholesVanillaEngine>(process, 801, 800));
    for (const auto* name : {"jarrowRudd", "additiveEqp", "joshi4"})
      add(name, tree(name, process, 801));
    add("mcPseudoRandom", simulation<PseudoRandom>(process));
    add("mcLowDiscrepancy", simulation<LowDiscrepancy>(process));
  } catch (const Error& error) {
    std::cerr << "  refused an option: " << std::string(error.what()).substr(0, 60) << "\n";
    return false;
  }
  double sum = 0;
  terms.write(table, "engines-" + std::to_string(number));
  for (const auto& [name, result] : values) {
    table.real(name, result);
    sum += result;
  }
  table.real("consensus", sum / double(values.size()));
  table.real("crr", value(option, tree("crr", process, 801)));
  table.real("leisenReimer", value(option, tree("leisenReimer", process, 801)));
  return true;
}

std::string engines() {
  Chance chance(801800);
  Table table;
  addEngines(table, OptionTerms(), 0);
  for (int made = 1; made <= 40;) {
    OptionTerms terms = random(chance);
    terms.spot = chance.quote(5, 45, 0.25);
    terms.strike = chance.quote(0.7 * terms.spot, 1.4 * terms.spot, 0.25);
    if (addEngines(table, terms, made)) ++made;
  }
  return table.json();
}

// ---------------------------------------------------------------- American

void addAmerican(Table& table, const OptionTerms& terms, int number, Size steps) {
  const Process process = terms.process();
  VanillaOption option = terms.option(true);
  terms.write(table, "american-" + std::to_string(number));
  table.integer("steps", long(steps));
  table.real("baw",
             value(option, ext::make_shared<BaroneAdesiWhaleyApproximationEngine>(process)));
  for (const auto* name : {"crr", "leisenReimer"}) {
    table.real(name, value(option, tree(name, process, steps)));
    const std::string prefix = name;
    table.real(prefix + "Delta", option.delta()).real(prefix + "Gamma", option.gamma());
    table.real(prefix + "Theta", option.theta());
  }
  // Small grids for most, the usual one now and then: both must come out.
  const Size tGrid = number % 20 == 0 ? 801 : 50 + Size(number % 7) * 10;
  const Size xGrid = number % 20 == 0 ? 800 : 101 + Size(number % 5) * 24;
  table.integer("tGrid", long(tGrid)).integer("xGrid", long(xGrid));
  table.real("finiteDifferences",
             value(option, ext::make_shared<FdBlackScholesVanillaEngine>(process, tGrid, xGrid)));
  table.real("finiteDifferencesDelta", option.delta());
  table.real("finiteDifferencesGamma", option.gamma());
  table.real("finiteDifferencesTheta", option.theta());
}

// A tree that lost its payoff, or anything like it, must not become a golden.
void checkTrees(const OptionTerms& terms, Size steps) {
  const Process process = terms.process();
  VanillaOption option = terms.option(true);
  const double reference =
      value(option, ext::make_shared<FdBlackScholesVanillaEngine>(process, 200, 400));
  for (const auto* name : {"crr", "leisenReimer"}) {
    const double tolerance = terms.strike * (0.0004 + 0.4 / double(steps));
    QL_REQUIRE(std::fabs(value(option, tree(name, process, steps)) - reference) < tolerance,
               name << " with " << steps << " steps is off finite differences");
  }
}

std::string americans() {
  Chance chance(801);
  Table table;
  static const std::vector<Size> stepCounts{801, 101, 25, 51, 201, 11, 65, 333};
  addAmerican(table, OptionTerms(), 0, 801);
  int dropped = 0, refused = 0;
  for (int made = 1; made <= 250;) {
    const OptionTerms terms = random(chance);
    const Size steps = made == 1 ? 101 : chance.pick(stepCounts);
    const OptionTerms used = made == 1 ? OptionTerms() : terms;
    if (dropsPayoff(used.time(), steps)) {
      ++dropped;
      continue;
    }
    try {
      checkTrees(used, steps);
      Table trial = table;
      addAmerican(trial, used, made, steps);
      table = trial;
      ++made;
    } catch (const Error& error) {
      ++refused;
      std::cerr << "  refused an American option: " << std::string(error.what()).substr(0, 70)
                << "\n";
    }
  }
  std::cerr << "American options: " << table.rows() << ", payoff lost at maturity in " << dropped
            << " draws, refused " << refused << "\n";
  return table.json();
}

// ---------------------------------------------------------------- trees, with their greeks

std::string trees() {
  Chance chance(101);
  Table table;
  static const std::vector<std::string> names{"jarrowRudd", "additiveEqp", "joshi4", "crr",
                                              "leisenReimer"};
  static const std::vector<Size> stepCounts{2, 3, 10, 25, 51, 100, 101, 160, 401};
  while (table.rows() < 300) {
    const OptionTerms terms = random(chance);
    const auto name = chance.pick(names);
    // With an even count QuantLib mixes the parameters of an odd tree with the steps of an even one.
    const bool oddOnly = name == "joshi4" || name == "leisenReimer";
    const Size drawn = chance.pick(stepCounts);
    const Size steps = oddOnly && drawn % 2 == 0 ? drawn + 1 : drawn;
    VanillaOption option = terms.option(false);
    try {
      // With few steps Joshi's up move can have a probability above 1, which QuantLib does not mind.
      if (name == "joshi4") {
        const double up = Joshi4(terms.process(), terms.time(), steps, terms.strike)
                              .probability(0, 0, 1);
        QL_REQUIRE(up > 0 && up < 1, "probability " << up);
      }
      const double result = value(option, tree(name, terms.process(), steps));
      terms.write(table, "tree-" + std::to_string(table.rows()));
      table.text("engine", name).integer("steps", long(steps)).real("value", result);
      table.real("delta", option.delta()).real("gamma", option.gamma());
      table.real("theta", option.theta());
    } catch (const Error& error) {
      std::cerr << "  refused a tree: " << std::string(error.what()).substr(0, 60) << "\n";
    }
  }
  return table.json();
}

}  // namespace

void writeOptions(const std::string& folder) {
  Sections sections;
  sections.emplace_back("european", europeans());
  sections.emplace_back("trees", trees());
  sections.emplace_back("americans", americans());
  sections.emplace_back("engines", engines());
  write(folder + "/options.json", "European and American options on flat markets", sections);
}

}  // namespace golden
