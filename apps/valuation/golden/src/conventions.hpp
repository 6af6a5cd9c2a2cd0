// The names used in the JSON files, and the QuantLib objects they stand for.
#pragma once

#include "table.hpp"

namespace golden {

using namespace QuantLib;

inline Calendar calendar(const std::string& name) {
  if (name == "TARGET") return TARGET();
  if (name == "US") return UnitedStates(UnitedStates::Settlement);
  if (name == "UK") return UnitedKingdom(UnitedKingdom::Settlement);
  if (name == "null") return NullCalendar();
  QL_FAIL("no calendar " << name);
}

inline DayCounter dayCount(const std::string& name) {
  if (name == "Act/360") return Actual360();
  if (name == "Act/365F") return Actual365Fixed();
  if (name == "Act/Act ISDA") return ActualActual(ActualActual::ISDA);
  if (name == "30/360 European") return Thirty360(Thirty360::European);
  if (name == "30/360 US") return Thirty360(Thirty360::BondBasis);
  QL_FAIL("no day count " << name);
}

inline BusinessDayConvention convention(const std::string& name) {
  if (name == "Following") return Following;
  if (name == "ModifiedFollowing") return ModifiedFollowing;
  if (name == "Preceding") return Preceding;
  if (name == "ModifiedPreceding") return ModifiedPreceding;
  if (name == "Unadjusted") return Unadjusted;
  QL_FAIL("no convention " << name);
}

inline DateGeneration::Rule rule(const std::string& name) {
  return name == "Forward" ? DateGeneration::Forward : DateGeneration::Backward;
}

inline Period period(const std::string& text) { return PeriodParser::parse(text); }

inline std::string tenorText(const Period& tenor) {
  const char* unit = tenor.units() == Days     ? "D"
                     : tenor.units() == Weeks  ? "W"
                     : tenor.units() == Months ? "M"
                                               : "Y";
  return std::to_string(tenor.length()) + unit;
}

inline const std::vector<std::string>& calendarNames() {
  static const std::vector<std::string> names{"TARGET", "US", "UK", "null"};
  return names;
}
inline const std::vector<std::string>& dayCountNames() {
  static const std::vector<std::string> names{"Act/360", "Act/365F", "Act/Act ISDA",
                                              "30/360 European", "30/360 US"};
  return names;
}
inline const std::vector<std::string>& conventionNames() {
  static const std::vector<std::string> names{"Following", "ModifiedFollowing", "Preceding",
                                              "ModifiedPreceding", "Unadjusted"};
  return names;
}

}  // namespace golden
