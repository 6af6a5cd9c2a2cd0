// How a snapshot becomes a QuantLib curve, and how its curve is moved for a delta.
#include "market.hpp"

namespace golden {

namespace {

const double basisPoint = 1e-4;

ext::shared_ptr<IborIndex> makeIndex(const std::string& name,
                                     const Handle<YieldTermStructure>& curve) {
  const IndexTerms& terms = indexTerms().at(name);
  return ext::make_shared<IborIndex>(name, period(terms.tenor), terms.fixingDays, EURCurrency(),
                                     calendar(terms.calendar), convention(terms.convention),
                                     terms.endOfMonth, dayCount(terms.dayCount), curve);
}

ext::shared_ptr<RateHelper> makeHelper(const Helper& helper, const BootstrapTerms& terms,
                                       double quote) {
  const Handle<Quote> rate(ext::make_shared<SimpleQuote>(quote));
  const Calendar days = calendar(terms.calendar);
  if (helper.kind == "deposit")
    return ext::make_shared<DepositRateHelper>(rate, period(helper.tenor), terms.fixingDays, days,
                                               ModifiedFollowing, terms.endOfMonth,
                                               dayCount(terms.dayCount));
  if (helper.kind == "fra") {
    const auto cross = helper.tenor.find('x');
    return ext::make_shared<FraRateHelper>(
        rate, Natural(std::stoi(helper.tenor.substr(0, cross))),
        Natural(std::stoi(helper.tenor.substr(cross + 1))), terms.fixingDays, days,
        ModifiedFollowing, terms.endOfMonth, dayCount(terms.dayCount));
  }
  return ext::make_shared<SwapRateHelper>(
      rate, period(helper.tenor), days, period(terms.swapFrequency).frequency(),
      convention(terms.swapConvention), dayCount(terms.swapDayCount),
      makeIndex(terms.swapIndex, Handle<YieldTermStructure>()));
}

std::string helpersJson(const BootstrapTerms& terms) {
  Table table;
  for (const auto& helper : terms.helpers)
    table.text("kind", helper.kind).text("tenor", helper.tenor).real("rate", helper.rate);
  return table.json();
}

std::string bootstrapJson(const BootstrapTerms& terms) {
  return "\"calendar\": " + quoted(terms.calendar) +
         ", \"fixingDays\": " + std::to_string(terms.fixingDays) +
         ", \"convention\": \"ModifiedFollowing\", \"endOfMonth\": " +
         (terms.endOfMonth ? "true" : "false") +
         ", \"depositDayCount\": " + quoted(terms.dayCount) +
         ", \"swapFixedFrequency\": " + quoted(terms.swapFrequency) +
         ", \"swapFixedConvention\": " + quoted(terms.swapConvention) +
         ", \"swapFixedDayCount\": " + quoted(terms.swapDayCount) +
         ", \"swapIndex\": " + quoted(terms.swapIndex) + ", \"helpers\": " + helpersJson(terms);
}

}  // namespace

const std::map<std::string, IndexTerms>& indexTerms() {
  static const std::map<std::string, IndexTerms> terms{
      {"Euribor1M", {"1M", 2, "TARGET", "ModifiedFollowing", true, "Act/360"}},
      {"Euribor3M", {"3M", 2, "TARGET", "ModifiedFollowing", true, "Act/360"}},
      {"Euribor6M", {"6M", 2, "TARGET", "ModifiedFollowing", true, "Act/360"}},
      {"Euribor1Y", {"1Y", 2, "TARGET", "ModifiedFollowing", true, "Act/360"}},
      {"Usd3M", {"3M", 2, "US", "ModifiedFollowing", false, "Act/360"}},
      {"Usd6M", {"6M", 2, "US", "Following", false, "30/360 US"}},
      {"Gbp3M", {"3M", 0, "UK", "ModifiedFollowing", true, "Act/365F"}},
      {"Gbp6M", {"6M", 0, "UK", "ModifiedFollowing", true, "Act/365F"}},
      {"Plain6M", {"6M", 1, "null", "Unadjusted", false, "30/360 European"}},
      {"Actual3M", {"3M", 2, "TARGET", "Preceding", false, "Act/Act ISDA"}},
  };
  return terms;
}

std::string indexesJson() {
  Table table;
  for (const auto& [name, terms] : indexTerms())
    table.text("name", name)
        .text("tenor", terms.tenor)
        .integer("fixingDays", terms.fixingDays)
        .text("calendar", terms.calendar)
        .text("convention", terms.convention)
        .flag("endOfMonth", terms.endOfMonth)
        .text("dayCount", terms.dayCount);
  return table.json();
}

void Snapshot::prepare() {
  base_->disableExtrapolation();
  reference = base_->referenceDate();
  handle_.linkTo(base_);
  for (const auto& entry : indexTerms()) indexes_[entry.first] = makeIndex(entry.first, handle_);
}

ext::shared_ptr<Snapshot> Snapshot::ofNodes(const std::string& name, const Date& evaluation,
                                            const std::vector<Date>& dates,
                                            const std::vector<double>& discounts,
                                            const std::string& curveDayCount) {
  ext::shared_ptr<Snapshot> made(new Snapshot);
  made->name = name;
  made->evaluation = evaluation;
  Settings::instance().evaluationDate() = evaluation;
  made->base_ = ext::make_shared<DiscountCurve>(dates, discounts, dayCount(curveDayCount));
  made->nodeDates_ = dates;
  made->nodeDiscounts_ = discounts;
  made->curveJson_ = "{\"kind\": \"nodes\", \"referenceDate\": " + quoted(iso(dates[0])) +
                     ", \"dayCount\": " + quoted(curveDayCount) +
                     ", \"dates\": " + dateList(dates) +
                     ", \"discounts\": " + numberList(discounts) + "}";
  made->prepare();
  return made;
}

ext::shared_ptr<Snapshot> Snapshot::flat(const std::string& name, const Date& evaluation,
                                         const Date& reference, double rate,
                                         const std::string& compounding,
                                         const std::string& frequency,
                                         const std::string& curveDayCount) {
  ext::shared_ptr<Snapshot> made(new Snapshot);
  made->name = name;
  made->evaluation = evaluation;
  Settings::instance().evaluationDate() = evaluation;
  const Compounding how = compounding == "Continuous" ? Continuous
                          : compounding == "Simple"   ? Simple
                                                      : Compounded;
  const Frequency often = frequency.empty() ? NoFrequency : period(frequency).frequency();
  made->base_ =
      ext::make_shared<FlatForward>(reference, rate, dayCount(curveDayCount), how, often);
  made->curveJson_ = "{\"kind\": \"flat\", \"referenceDate\": " + quoted(iso(reference)) +
                     ", \"rate\": " + number(rate) + ", \"compounding\": " + quoted(compounding) +
                     ", \"frequency\": " + (frequency.empty() ? "null" : quoted(frequency)) +
                     ", \"dayCount\": " + quoted(curveDayCount) + "}";
  made->prepare();
  return made;
}

ext::shared_ptr<Snapshot> Snapshot::bootstrapped(const std::string& name, const Date& evaluation,
                                                 const Date& settlement,
                                                 const std::string& curveDayCount,
                                                 const BootstrapTerms& terms) {
  ext::shared_ptr<Snapshot> made(new Snapshot);
  made->name = name;
  made->evaluation = evaluation;
  Settings::instance().evaluationDate() = evaluation;
  made->build_ = [settlement, curveDayCount, terms](double shift) {
    std::vector<ext::shared_ptr<RateHelper>> helpers;
    for (const auto& helper : terms.helpers)
      helpers.push_back(makeHelper(helper, terms, helper.rate + shift));
    return ext::make_shared<PiecewiseYieldCurve<Discount, LogLinear>>(settlement, helpers,
                                                                      dayCount(curveDayCount));
  };
  const auto curve = made->build_(0);
  made->base_ = curve;
  made->curveJson_ = "{\"kind\": \"bootstrapped\", \"referenceDate\": " + quoted(iso(settlement)) +
                     ", \"dayCount\": " + quoted(curveDayCount) + ", " + bootstrapJson(terms) +
                     ", \"nodeDates\": " + dateList(curve->dates()) +
                     ", \"nodeDiscounts\": " + numberList(curve->data()) + "}";
  made->prepare();
  return made;
}

void Snapshot::enter() {
  IndexManager::instance().clearHistories();
  Settings::instance().evaluationDate() = evaluation;
  // QuantLib starts a re-bootstrap from the curve before, which moves the last digits: build afresh.
  if (build_) {
    base_ = build_(0);
    shifted_[0] = build_(basisPoint);
    shifted_[1] = build_(-basisPoint);
    handle_.linkTo(base_);
  }
  for (const auto& [index, values] : fixings_)
    for (const auto& [date, value] : values) indexes_.at(index)->addFixing(date, value, true);
}

void Snapshot::ensureFixing(const std::string& index, const Date& fixingDate, Chance& chance) {
  const bool known = hasTodaysFixings ? fixingDate <= evaluation : fixingDate < evaluation;
  if (!known || fixings_[index].count(fixingDate)) return;
  setFixing(index, fixingDate, chance.quote(-0.005, 0.06, 0.00001));
}

void Snapshot::setFixing(const std::string& index, const Date& fixingDate, double value) {
  fixings_[index][fixingDate] = value;
  indexes_.at(index)->addFixing(fixingDate, value, true);
}

double Snapshot::zeroDelta(const std::function<double()>& value) {
  double side[2];
  for (int i = 0; i < 2; ++i) {
    const auto spread = ext::make_shared<SimpleQuote>(i == 0 ? basisPoint : -basisPoint);
    handle_.linkTo(ext::make_shared<ZeroSpreadedTermStructure>(
        Handle<YieldTermStructure>(base_), Handle<Quote>(spread), Continuous, NoFrequency,
        base_->dayCounter()));
    side[i] = value();
  }
  handle_.linkTo(base_);
  return (side[0] - side[1]) / 2;
}

double Snapshot::quoteDelta(const std::function<double()>& value) {
  if (!build_) return Null<double>();
  double side[2];
  for (int i = 0; i < 2; ++i) {
    handle_.linkTo(shifted_[i]);
    side[i] = value();
  }
  handle_.linkTo(base_);
  return (side[0] - side[1]) / 2;
}

std::vector<double> Snapshot::nodeDeltas(const std::function<double()>& value) {
  std::vector<double> deltas;
  for (std::size_t node = 1; node < nodeDates_.size(); ++node) {
    double side[2];
    for (int i = 0; i < 2; ++i) {
      const Time time = base_->timeFromReference(nodeDates_[node]);
      auto discounts = nodeDiscounts_;
      discounts[node] *= std::exp((i == 0 ? -basisPoint : basisPoint) * time);
      handle_.linkTo(
          ext::make_shared<DiscountCurve>(nodeDates_, discounts, base_->dayCounter()));
      side[i] = value();
    }
    deltas.push_back((side[0] - side[1]) / 2);
  }
  handle_.linkTo(base_);
  return deltas;
}

Date Snapshot::lastDate() const {
  return !build_ && nodeDates_.empty() ? Date(31, December, 2075) : base_->maxDate();
}

std::string Snapshot::fixingsJson() const {
  std::vector<std::string> parts;
  for (const auto& [index, values] : fixings_) {
    std::vector<Date> dates;
    std::vector<double> rates;
    for (const auto& [date, rate] : values) {
      dates.push_back(date);
      rates.push_back(rate);
    }
    if (dates.empty()) continue;
    parts.push_back(quoted(index) + ": {\"dates\": " + dateList(dates) +
                    ", \"rates\": " + numberList(rates) + "}");
  }
  return "{" + joined(parts, ", ") + "}";
}

std::string Snapshot::json() const {
  return "  {\"name\": " + quoted(name) + ", \"evaluationDate\": " + quoted(iso(evaluation)) +
         ",\n   \"curve\": " + curveJson_ + ",\n   \"fixings\": " + fixingsJson() + "}";
}

}  // namespace golden
