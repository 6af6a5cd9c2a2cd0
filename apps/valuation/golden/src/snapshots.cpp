// The snapshots every golden trade is priced on: the three reference markets first, then varied ones.
#include "market.hpp"

namespace golden {

namespace {

ext::shared_ptr<Snapshot> swapCurve() {
  const std::vector<Date> dates{
      Date(26, December, 2013), Date(30, June, 2014), Date(30, July, 2014), Date(29, August, 2014),
      Date(30, September, 2014), Date(30, October, 2014), Date(28, November, 2014),
      Date(30, December, 2014), Date(30, January, 2015), Date(27, February, 2015),
      Date(30, March, 2015), Date(30, April, 2015), Date(29, May, 2015), Date(30, June, 2015),
      Date(30, December, 2015), Date(30, December, 2016), Date(29, December, 2017),
      Date(31, December, 2018), Date(30, December, 2019), Date(30, December, 2020),
      Date(30, December, 2021), Date(30, December, 2022), Date(29, December, 2023),
      Date(30, December, 2024), Date(30, December, 2025), Date(29, December, 2028),
      Date(30, December, 2033), Date(30, December, 2038), Date(30, December, 2043),
      Date(30, December, 2048), Date(30, December, 2053), Date(30, December, 2058),
      Date(31, December, 2063)};
  const std::vector<double> discounts{
      1.0, 0.998022, 0.99771, 0.99739, 0.997017, 0.996671, 0.996337, 0.995921, 0.995522, 0.995157,
      0.994706, 0.994248, 0.993805, 0.993285, 0.989614, 0.978541, 0.961973, 0.940868, 0.916831,
      0.890805, 0.863413, 0.834987, 0.807111, 0.778332, 0.750525, 0.674707, 0.575192, 0.501258,
      0.44131, 0.384733, 0.340425, 0.294694, 0.260792};
  return Snapshot::ofNodes("swap-curve-2013-12-26", Date(26, December, 2013), dates, discounts,
                           "Act/360");
}

// A smooth curve: zero rates go from `near` to `far` with a hump, nodes at ever longer spans.
ext::shared_ptr<Snapshot> shaped(const std::string& name, const Date& evaluation, int settlementLag,
                                 double near, double far, const std::string& curveDayCount) {
  std::vector<Date> dates{evaluation + settlementLag};
  std::vector<double> discounts{1.0};
  for (const auto* tenor : {"2W", "1M", "2M", "3M", "6M", "9M", "1Y", "15M", "18M", "2Y", "3Y", "4Y",
                            "5Y", "7Y", "10Y", "12Y", "15Y", "20Y", "25Y", "30Y", "40Y", "50Y"}) {
    const Date date = dates[0] + period(tenor);
    const double years = (date - dates[0]) / 365.25;
    const double zero = far + (near - far) * std::exp(-years / 4) +
                        0.004 * (years / 3) * std::exp(1 - years / 3);
    dates.push_back(date);
    discounts.push_back(std::round(std::exp(-zero * years) * 1e8) / 1e8);
  }
  return Snapshot::ofNodes(name, evaluation, dates, discounts, curveDayCount);
}

ext::shared_ptr<Snapshot> euroBootstrap() {
  return Snapshot::bootstrapped(
      "bootstrapped-2004-09-20", Date(20, September, 2004), Date(22, September, 2004),
      "Act/Act ISDA",
      {"TARGET", 2, "Act/360", true, "1Y", "Unadjusted", "30/360 European", "Euribor6M",
       {{"deposit", "1W", 0.0382}, {"deposit", "1M", 0.0372}, {"deposit", "3M", 0.0363},
        {"fra", "3x6", 0.037125}, {"fra", "6x9", 0.037125}, {"fra", "6x12", 0.037125},
        {"swap", "2Y", 0.037125}, {"swap", "3Y", 0.0398}, {"swap", "5Y", 0.0443},
        {"swap", "10Y", 0.05165}, {"swap", "15Y", 0.055175}}});
}

ext::shared_ptr<Snapshot> sterlingBootstrap() {
  return Snapshot::bootstrapped(
      "bootstrapped-uk-2023-06-01", Date(1, June, 2023), Date(1, June, 2023), "Act/365F",
      {"UK", 0, "Act/365F", true, "6M", "ModifiedFollowing", "Act/365F", "Gbp6M",
       {{"deposit", "1M", 0.0455}, {"deposit", "3M", 0.0479}, {"deposit", "6M", 0.0512},
        {"fra", "6x12", 0.0541}, {"fra", "12x18", 0.0528}, {"swap", "2Y", 0.0503},
        {"swap", "4Y", 0.0451}, {"swap", "7Y", 0.0409}, {"swap", "10Y", 0.0389},
        {"swap", "20Y", 0.0377}, {"swap", "30Y", 0.0362}}});
}

ext::shared_ptr<Snapshot> dollarBootstrap() {
  return Snapshot::bootstrapped(
      "bootstrapped-us-2019-12-30", Date(30, December, 2019), Date(2, January, 2020), "Act/360",
      {"US", 2, "Act/360", false, "6M", "ModifiedFollowing", "30/360 US", "Usd3M",
       {{"deposit", "1W", 0.0161}, {"deposit", "1M", 0.0176}, {"deposit", "3M", 0.0191},
        {"fra", "3x6", 0.0183}, {"fra", "6x9", 0.0172}, {"fra", "9x12", 0.0169},
        {"swap", "2Y", 0.0168}, {"swap", "3Y", 0.0166}, {"swap", "5Y", 0.0171},
        {"swap", "7Y", 0.0178}, {"swap", "10Y", 0.0187}, {"swap", "30Y", 0.0208}}});
}

}  // namespace

std::vector<ext::shared_ptr<Snapshot>> allSnapshots() {
  std::vector<ext::shared_ptr<Snapshot>> all{
      swapCurve(),
      Snapshot::flat("flat-2017-05-26", Date(1, May, 2017), Date(26, May, 2017), 0.09, "Continuous",
                     "", "Act/360"),
      euroBootstrap(),
      sterlingBootstrap(),
      dollarBootstrap(),
      shaped("nodes-target-2023-03-15", Date(15, March, 2023), 0, 0.026, 0.031, "Act/365F"),
      shaped("nodes-us-2019-10-31", Date(31, October, 2019), 0, 0.019, 0.015, "Act/360"),
      shaped("nodes-uk-2021-07-30", Date(30, July, 2021), 0, 0.001, 0.012, "Act/365F"),
      shaped("nodes-negative-2016-06-01", Date(1, June, 2016), 2, -0.007, 0.004, "Act/Act ISDA"),
      shaped("nodes-thirty-2008-02-29", Date(29, February, 2008), 0, 0.048, 0.042, "30/360 European"),
      Snapshot::flat("flat-annual-2012-02-29", Date(29, February, 2012), Date(29, February, 2012),
                     0.0325, "Compounded", "1Y", "Act/365F"),
      Snapshot::flat("flat-semiannual-2020-05-05", Date(5, May, 2020), Date(7, May, 2020), 0.0175,
                     "Compounded", "6M", "30/360 US"),
      Snapshot::flat("flat-simple-2015-01-05", Date(5, January, 2015), Date(5, January, 2015), 0.021,
                     "Simple", "", "Act/Act ISDA"),
      Snapshot::flat("flat-negative-2021-01-04", Date(4, January, 2021), Date(6, January, 2021),
                     -0.0051, "Continuous", "", "Act/365F")};
  // A fixing of today would change a bootstrapped curve between one trade and the next, so those have none.
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i]->hasTodaysFixings = i % 2 == 1 && !all[i]->isBootstrapped();
  return all;
}

}  // namespace golden
