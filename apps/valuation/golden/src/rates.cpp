// FRAs, deposits and vanilla swaps on every snapshot: value, par rate, legs, forward rate and deltas.
#include "market.hpp"
#include "outputs.hpp"

#include <iostream>

namespace golden {

namespace {

using Market = ext::shared_ptr<Snapshot>;

// ---------------------------------------------------------------- swaps

struct LegTerms {
  std::string frequency, calendar, convention, terminationConvention, rule, dayCount;
  bool endOfMonth = false;

  Schedule schedule(const Date& start, const Date& end) const {
    return Schedule(start, end, period(frequency), golden::calendar(calendar),
                    golden::convention(convention), golden::convention(terminationConvention),
                    golden::rule(rule), endOfMonth);
  }
  void write(Table& table, const std::string& prefix) const {
    table.text(prefix + "Frequency", frequency).text(prefix + "Calendar", calendar);
    table.text(prefix + "Convention", convention);
    table.text(prefix + "TerminationConvention", terminationConvention);
    table.text(prefix + "Rule", rule).flag(prefix + "EndOfMonth", endOfMonth);
    table.text(prefix + "DayCount", dayCount);
  }
};

struct SwapTerms {
  std::string id, payReceive, index, paymentConvention, couponType;
  double notional = 0, fixedRate = 0, spread = 0;
  Date start, end;
  LegTerms fixed, floating;

  ext::shared_ptr<VanillaSwap> build(const Market& market) const {
    boost::optional<BusinessDayConvention> payment;
    if (!paymentConvention.empty()) payment = convention(paymentConvention);
    auto swap = ext::make_shared<VanillaSwap>(
        payReceive == "payer" ? Swap::Payer : Swap::Receiver, notional, fixed.schedule(start, end),
        fixedRate, dayCount(fixed.dayCount), floating.schedule(start, end), market->index(index),
        spread, dayCount(floating.dayCount), payment, couponType == "indexed");
    swap->setPricingEngine(ext::make_shared<DiscountingSwapEngine>(market->curve()));
    return swap;
  }
};

Date lastPayment(const VanillaSwap& swap) {
  return std::max(swap.fixedLeg().back()->date(), swap.floatingLeg().back()->date());
}

void addSwap(Table& table, const Market& market, const SwapTerms& terms, Chance& chance) {
  const auto swap = terms.build(market);
  QL_REQUIRE(lastPayment(*swap) > market->reference && lastPayment(*swap) > market->evaluation,
             "all payments lie in the past");
  for (const auto& flow : swap->floatingLeg()) {
    const auto coupon = ext::dynamic_pointer_cast<FloatingRateCoupon>(flow);
    if (coupon->date() > market->reference)
      market->ensureFixing(terms.index, coupon->fixingDate(), chance);
  }
  const auto value = [&] { return swap->NPV(); };
  const double npv = value();
  table.text("id", terms.id).text("snapshot", market->name);
  table.real("notional", terms.notional).text("payReceive", terms.payReceive);
  table.real("fixedRate", terms.fixedRate);
  table.date("startDate", terms.start).date("maturityDate", terms.end);
  terms.fixed.write(table, "fixed");
  terms.floating.write(table, "floating");
  table.text("index", terms.index).real("floatingSpread", terms.spread);
  table.text("paymentConvention", terms.paymentConvention).text("couponType", terms.couponType);
  table.real("npv", npv).real("fixedLegNpv", swap->fixedLegNPV());
  table.real("floatingLegNpv", swap->floatingLegNPV()).real("parRate", swap->fairRate());
  table.real("fairSpread", swap->fairSpread());
  table.real("irDelta", market->zeroDelta(value));
  table.real("irDeltaQuotes", market->quoteDelta(value));
}

SwapTerms referenceSwap() {
  SwapTerms terms;
  terms.id = "reference-swap-2013";
  terms.payReceive = "receiver";
  terms.index = "Euribor6M";
  terms.couponType = "par";
  terms.notional = 1e7;
  terms.fixedRate = 0.02;
  terms.start = Date(26, December, 2013);
  terms.end = Date(26, December, 2018);
  terms.fixed = {"6M", "TARGET", "ModifiedFollowing", "ModifiedFollowing",
                 "Forward", "Act/360", false};
  terms.floating = terms.fixed;
  return terms;
}

SwapTerms bootstrappedSwap(const std::string& couponType) {
  SwapTerms terms;
  terms.id = "reference-swap-2004-" + couponType;
  terms.payReceive = "payer";
  terms.index = "Euribor6M";
  terms.couponType = couponType;
  terms.notional = 1e6;
  terms.fixedRate = 0.04;
  terms.start = Date(22, September, 2004);
  terms.end = Date(22, September, 2009);
  terms.fixed = {"1Y", "TARGET", "Unadjusted", "Unadjusted", "Forward", "30/360 European", false};
  terms.floating = {"6M", "TARGET", "ModifiedFollowing", "ModifiedFollowing",
                    "Forward", "Act/360", false};
  return terms;
}

LegTerms randomLeg(Chance& chance, const std::string& frequency, const std::string& calendarName) {
  LegTerms leg;
  leg.frequency = frequency;
  leg.calendar = chance.oneIn(6) ? chance.pick(calendarNames()) : calendarName;
  leg.convention = chance.oneIn(3) ? chance.pick(conventionNames()) : "ModifiedFollowing";
  leg.terminationConvention = chance.oneIn(4) ? chance.pick(conventionNames()) : leg.convention;
  leg.rule = chance.oneIn(3) ? "Backward" : "Forward";
  leg.endOfMonth = chance.oneIn(5);
  leg.dayCount = chance.pick(dayCountNames());
  return leg;
}

SwapTerms randomSwap(Chance& chance, const Market& market, int number) {
  SwapTerms terms;
  terms.id = "swap-" + std::to_string(number);
  terms.payReceive = chance.oneIn(2) ? "payer" : "receiver";
  std::vector<std::string> names;
  for (const auto& entry : indexTerms()) names.push_back(entry.first);
  terms.index = chance.pick(names);
  const IndexTerms& index = indexTerms().at(terms.index);
  terms.couponType = chance.oneIn(3) ? "indexed" : "par";
  terms.notional = chance.quote(1e5, 5e7, chance.oneIn(2) ? 1e5 : 1234.56);
  terms.fixedRate = chance.quote(-0.005, 0.08, 0.00005);
  if (chance.oneIn(3)) terms.spread = chance.quote(-0.01, 0.015, 0.00005);
  const int kind = chance.integer(1, 5);
  terms.start = kind == 1   ? market->evaluation - chance.integer(1, 1500)
                : kind == 2 ? market->evaluation + chance.integer(30, 1800)
                            : market->reference + chance.integer(0, 4);
  const int months = chance.oneIn(3) ? chance.integer(7, 72) : 12 * chance.integer(1, 15);
  terms.end = terms.start + Period(months, Months);
  if (chance.oneIn(6)) terms.end = terms.end + chance.integer(1, 27);
  static const std::vector<std::string> frequencies{"1M", "3M", "6M", "1Y", "1Y", "6M"};
  terms.fixed = randomLeg(chance, chance.pick(frequencies), index.calendar);
  terms.floating =
      randomLeg(chance, chance.oneIn(8) ? chance.pick(frequencies) : index.tenor, index.calendar);
  if (!chance.oneIn(6)) terms.floating.dayCount = index.dayCount;
  if (chance.oneIn(3)) terms.paymentConvention = chance.pick(conventionNames());
  return terms;
}

// ---------------------------------------------------------------- FRAs

struct FraTerms {
  std::string id, position, index, couponType;
  double notional = 0, strike = 0;
  Date start, end;
};

void addFra(Table& table, const Market& market, const FraTerms& terms, Chance& chance) {
  const auto index = market->index(terms.index);
  ForwardRateAgreement fra(terms.start, terms.end,
                           terms.position == "long" ? Position::Long : Position::Short,
                           terms.strike, terms.notional, index, market->curve(),
                           terms.couponType == "indexed");
  // A FRA that settles on or before the evaluation date has no value left, only its rate.
  const bool settled = terms.start <= market->evaluation;
  if (terms.couponType == "indexed")
    market->ensureFixing(terms.index, index->fixingDate(terms.start), chance);
  const auto value = [&] { return fra.NPV(); };
  table.text("id", terms.id).text("snapshot", market->name);
  table.real("notional", terms.notional).text("position", terms.position);
  table.real("strike", terms.strike).date("startDate", terms.start);
  table.date("maturityDate", terms.end).text("index", terms.index);
  table.text("couponType", terms.couponType);
  table.real("forwardRate", fra.forwardRate().rate()).real("fwdRate", fra.spotValue());
  table.real("npv", settled ? Null<double>() : value());
  table.real("irDelta", settled ? Null<double>() : market->zeroDelta(value));
  table.real("irDeltaQuotes", settled ? Null<double>() : market->quoteDelta(value));
}

FraTerms randomFra(Chance& chance, const Market& market, int number) {
  FraTerms terms;
  terms.id = "fra-" + std::to_string(number);
  terms.position = chance.oneIn(2) ? "long" : "short";
  static const std::vector<std::string> names{"Euribor1M", "Euribor3M", "Euribor6M", "Usd3M",
                                              "Gbp3M",     "Gbp6M",     "Actual3M",  "Plain6M"};
  terms.index = chance.pick(names);
  const auto index = market->index(terms.index);
  terms.couponType = chance.oneIn(3) ? "par" : "indexed";
  terms.notional = chance.quote(1e4, 1e7, chance.oneIn(2) ? 1e4 : 321.5);
  terms.strike = chance.quote(-0.005, 0.08, 0.0001);
  terms.start = std::max(market->evaluation, market->reference) + chance.integer(1, 700);
  if (!chance.oneIn(5)) terms.start = index->fixingCalendar().adjust(terms.start);
  terms.end = chance.oneIn(4) ? terms.start + chance.integer(20, 380)
                              : index->maturityDate(terms.start);
  return terms;
}

void addReferenceFras(Table& table, const std::vector<Market>& markets, Chance& chance) {
  FraTerms spot{"reference-fra-2017", "long", "Euribor3M", "indexed", 100, 0.05};
  spot.start = Date(1, May, 2017);
  spot.end = Date(24, August, 2017);
  markets[1]->enter();
  markets[1]->setFixing("Euribor3M", Date(27, April, 2017), 0.04);
  addFra(table, markets[1], spot, chance);
  FraTerms forward{"reference-fra-2004-6x9", "long", "Euribor3M", "indexed", 1e6, 0.035};
  markets[2]->enter();
  const auto index = markets[2]->index("Euribor3M");
  forward.start = index->fixingCalendar().advance(Date(22, September, 2004), 6 * Months,
                                                  ModifiedFollowing, true);
  forward.end = index->maturityDate(forward.start);
  addFra(table, markets[2], forward, chance);
}

// ---------------------------------------------------------------- deposits

// A deposit lends the notional on its start date and gets it back with simple interest at
// maturity; only flows after the curve's reference date count, as for a swap.
void addDeposit(Table& table, const Market& market, Chance& chance, int number) {
  const auto days = chance.pick(calendarNames());
  const auto how = chance.oneIn(3) ? chance.pick(conventionNames()) : "ModifiedFollowing";
  const auto counter = chance.pick(dayCountNames());
  const bool endOfMonth = chance.oneIn(3);
  static const std::vector<std::string> tenors{"1D", "1W", "2W", "1M",  "2M",
                                               "3M", "6M", "9M", "12M", "18M"};
  const auto tenor = chance.pick(tenors);
  const double notional = chance.quote(1e4, 1e7, chance.oneIn(2) ? 1e4 : 77.25);
  const double rate = chance.quote(-0.005, 0.07, 0.0001);
  const bool seasoned = chance.oneIn(6);
  Date start = seasoned ? market->reference - chance.integer(0, 20)
                        : market->reference + chance.integer(0, chance.oneIn(2) ? 3 : 400);
  start = calendar(days).adjust(start);
  const Date end = calendar(days).advance(start, period(tenor), convention(how), endOfMonth);
  QL_REQUIRE(end > market->reference && end > start, "deposit is over");
  Leg leg;
  leg.push_back(ext::make_shared<SimpleCashFlow>(-notional, start));
  leg.push_back(ext::make_shared<FixedRateCoupon>(end, notional, rate, dayCount(counter), start, end));
  leg.push_back(ext::make_shared<SimpleCashFlow>(notional, end));
  const auto value = [&] {
    return CashFlows::npv(leg, **market->curve(), false, market->reference, market->reference);
  };
  const double fraction = dayCount(counter).yearFraction(start, end);
  const auto curve = *market->curve();
  const double par = start < market->reference
                         ? Null<double>()
                         : (curve->discount(start) / curve->discount(end) - 1) / fraction;
  table.text("id", "deposit-" + std::to_string(number)).text("snapshot", market->name);
  table.real("notional", notional).real("rate", rate).date("startDate", start);
  table.text("tenor", tenor).text("calendar", days).text("convention", how);
  table.flag("endOfMonth", endOfMonth).text("dayCount", counter);
  table.date("maturityDate", end);
  table.real("npv", value()).real("parRate", par);
  table.real("irDelta", market->zeroDelta(value)).real("irDeltaQuotes", market->quoteDelta(value));
}

// ---------------------------------------------------------------- curves and node deltas

std::string curveSamples(const std::vector<Market>& markets, Chance& chance) {
  Table table;
  for (const auto& market : markets) {
    market->enter();
    const long span = std::min<long>(market->lastDate() - market->reference, 11000);
    for (int i = 0; i < 40; ++i) {
      const Date date = market->reference + int(span * chance.unit() * chance.unit());
      table.text("snapshot", market->name).date("date", date);
      table.real("time", (*market->curve())->timeFromReference(date));
      table.real("discount", (*market->curve())->discount(date));
    }
  }
  return table.json();
}

std::string nodeDeltas(const Market& market) {
  market->enter();
  Table table;
  for (const auto* payReceive : {"receiver", "payer"})
    for (const auto* couponType : {"par", "indexed"}) {
      SwapTerms terms = referenceSwap();
      terms.id = std::string("node-deltas-") + payReceive + "-" + couponType;
      terms.payReceive = payReceive;
      terms.couponType = couponType;
      const auto swap = terms.build(market);
      table.text("likeSwap", "reference-swap-2013").text("payReceive", payReceive);
      table.text("couponType", couponType);
      table.raw("deltas", numberList(market->nodeDeltas([&] { return swap->NPV(); })));
    }
  return table.json();
}

// Draws until `wanted` trades a snapshot could be priced; the reason of every refusal is counted.
template <class Draw>
void fill(const std::vector<Market>& markets, int wanted, const std::string& what, Draw draw) {
  std::map<std::string, int> refused;
  int number = 0;
  for (const auto& market : markets) {
    market->enter();
    for (int made = 0, tries = 0; made < wanted; ++tries) {
      QL_REQUIRE(tries < 50 * wanted, "too few " << what << " on " << market->name);
      try {
        draw(market, number + 1);
        ++made;
        ++number;
      } catch (const Error& error) {
        ++refused[std::string(error.what()).substr(0, 40)];
      }
    }
  }
  std::cerr << what << ": " << number << "\n";
  for (const auto& [reason, count] : refused)
    std::cerr << "  refused " << count << ": " << reason << "\n";
}

}  // namespace

void writeRates(const std::string& folder) {
  Chance chance(20131226);
  const auto markets = allSnapshots();
  Table swaps, fras, deposits;

  markets[0]->enter();
  markets[0]->setFixing("Euribor6M", Date(23, December, 2013), 0.0);
  addSwap(swaps, markets[0], referenceSwap(), chance);
  markets[2]->enter();
  for (const auto* couponType : {"par", "indexed"})
    addSwap(swaps, markets[2], bootstrappedSwap(couponType), chance);
  addReferenceFras(fras, markets, chance);

  // A refused draw must leave no half-written row, so each is built aside and then joined.
  fill(markets, 75, "swaps", [&](const Market& market, int number) {
    Table trial = swaps;
    addSwap(trial, market, randomSwap(chance, market, number), chance);
    swaps = trial;
  });
  fill(markets, 24, "FRAs", [&](const Market& market, int number) {
    Table trial = fras;
    addFra(trial, market, randomFra(chance, market, number), chance);
    fras = trial;
  });
  fill(markets, 20, "deposits", [&](const Market& market, int number) {
    Table trial = deposits;
    addDeposit(trial, market, chance, number);
    deposits = trial;
  });

  Sections sections;
  sections.emplace_back("indexes", indexesJson());
  std::vector<std::string> snapshots;
  for (const auto& market : markets) snapshots.push_back(market->json());
  sections.emplace_back("snapshots", "[\n" + joined(snapshots, ",\n") + "\n]");
  sections.emplace_back("curves", curveSamples(markets, chance));
  sections.emplace_back("swaps", swaps.json());
  sections.emplace_back("fras", fras.json());
  sections.emplace_back("deposits", deposits.json());
  sections.emplace_back("nodeDeltas", nodeDeltas(markets[0]));
  write(folder + "/rates.json", "FRAs, deposits and vanilla swaps on given snapshots", sections);
}

}  // namespace golden
