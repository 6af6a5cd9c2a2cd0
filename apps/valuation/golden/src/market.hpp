// Market snapshots: one curve each (nodes, flat or bootstrapped), indexes and the fixings that trades turned out to need.
#pragma once

#include "conventions.hpp"

#include <functional>

namespace golden {

struct IndexTerms {
  std::string tenor;
  Natural fixingDays;
  std::string calendar;
  std::string convention;
  bool endOfMonth;
  std::string dayCount;
};

const std::map<std::string, IndexTerms>& indexTerms();
std::string indexesJson();

struct Helper {
  std::string kind;   // deposit, fra, swap
  std::string tenor;  // deposit and swap; of a FRA the span "3x6"
  double rate;
};

struct BootstrapTerms {
  std::string calendar;
  Natural fixingDays;
  std::string dayCount;  // of deposits and FRAs
  bool endOfMonth;
  std::string swapFrequency;
  std::string swapConvention;
  std::string swapDayCount;
  std::string swapIndex;
  std::vector<Helper> helpers;
};

class Snapshot {
 public:
  static ext::shared_ptr<Snapshot> ofNodes(const std::string& name, const Date& evaluation,
                                           const std::vector<Date>& dates,
                                           const std::vector<double>& discounts,
                                           const std::string& curveDayCount);
  static ext::shared_ptr<Snapshot> flat(const std::string& name, const Date& evaluation,
                                        const Date& reference, double rate,
                                        const std::string& compounding,
                                        const std::string& frequency,
                                        const std::string& curveDayCount);
  static ext::shared_ptr<Snapshot> bootstrapped(const std::string& name, const Date& evaluation,
                                                const Date& settlement,
                                                const std::string& curveDayCount,
                                                const BootstrapTerms& terms);

  // Makes this snapshot the state of QuantLib's singletons; fixings of other snapshots go.
  void enter();
  ext::shared_ptr<IborIndex> index(const std::string& name) const { return indexes_.at(name); }
  const Handle<YieldTermStructure>& curve() const { return handle_; }
  // Adds the fixing if it lies before the evaluation date (or on it, where the snapshot has those).
  void ensureFixing(const std::string& name, const Date& fixingDate, Chance& chance);
  void setFixing(const std::string& name, const Date& fixingDate, double value);

  // (value with zero rates 1bp up - value with zero rates 1bp down) / 2
  double zeroDelta(const std::function<double()>& value);
  // The same with every quote of the bootstrapped curve moved; null for other curves.
  double quoteDelta(const std::function<double()>& value);
  // The same node by node; empty for curves not given by nodes.
  std::vector<double> nodeDeltas(const std::function<double()>& value);

  Date lastDate() const;
  bool isBootstrapped() const { return bool(build_); }
  std::string json() const;

  std::string name;
  Date evaluation, reference;
  bool hasTodaysFixings = false;

 private:
  Snapshot() = default;
  void prepare();
  std::string fixingsJson() const;

  ext::shared_ptr<YieldTermStructure> base_;
  RelinkableHandle<YieldTermStructure> handle_;
  // Only of bootstrapped curves: builds one with all quotes moved, and those moved by a basis point.
  std::function<ext::shared_ptr<PiecewiseYieldCurve<Discount, LogLinear>>(double)> build_;
  ext::shared_ptr<YieldTermStructure> shifted_[2];
  std::vector<Date> nodeDates_;
  std::vector<double> nodeDiscounts_;
  std::map<std::string, ext::shared_ptr<IborIndex>> indexes_;
  std::map<std::string, std::map<Date, double>> fixings_;
  std::string curveJson_;
};

std::vector<ext::shared_ptr<Snapshot>> allSnapshots();

}  // namespace golden
