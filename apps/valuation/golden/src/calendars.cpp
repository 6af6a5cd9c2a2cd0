// Dates: holidays, adjustment, advancing by a tenor, schedules and day-count fractions.
#include "conventions.hpp"
#include "outputs.hpp"

namespace golden {

namespace {

std::string holidays() {
  std::vector<std::string> lines;
  for (const auto& name : calendarNames())
    lines.push_back("  " + quoted(name) + ": " +
                    dateList(calendar(name).holidayList(Date(1, January, 2000),
                                                        Date(31, December, 2060), false)));
  return "{\n" + joined(lines, ",\n") + "\n}";
}

Date someDate(Chance& chance) {
  return Date(1, January, 2000) + chance.integer(0, 60 * 365);
}

// Month ends and the days round them are where conventions differ: half of all dates lie there.
Date telling(Chance& chance) {
  Date date = someDate(chance);
  if (chance.oneIn(2)) date = Date::endOfMonth(date) + chance.integer(-2, 2);
  return date;
}

std::string adjustments(Chance& chance) {
  Table table;
  for (int i = 0; i < 800; ++i) {
    const auto name = chance.pick(calendarNames());
    const auto how = chance.pick(conventionNames());
    const Date date = telling(chance);
    table.text("calendar", name).text("convention", how).date("date", date);
    table.date("adjusted", calendar(name).adjust(date, convention(how)));
  }
  return table.json();
}

std::string advances(Chance& chance) {
  Table table;
  for (int i = 0; i < 1200; ++i) {
    const auto name = chance.pick(calendarNames());
    const auto how = chance.pick(conventionNames());
    const Date date = telling(chance);
    const bool endOfMonth = chance.oneIn(2);
    const TimeUnit unit = chance.pick(std::vector<TimeUnit>{Days, Weeks, Months, Years});
    const int span = unit == Years ? 15 : unit == Months ? 40 : unit == Weeks ? 60 : 90;
    const Period tenor(chance.integer(-span, span), unit);
    table.text("calendar", name).text("convention", how).flag("endOfMonth", endOfMonth);
    table.date("date", date).text("tenor", tenorText(tenor));
    table.date("advanced", calendar(name).advance(date, tenor, convention(how), endOfMonth));
  }
  return table.json();
}

std::string dayCounts(Chance& chance) {
  Table table;
  for (int i = 0; i < 1500; ++i) {
    const auto name = chance.pick(dayCountNames());
    const Date start = telling(chance);
    Date end = start + chance.integer(-400, chance.oneIn(3) ? 12000 : 800);
    if (chance.oneIn(3)) end = Date::endOfMonth(end);
    table.text("dayCount", name).date("start", start).date("end", end);
    table.integer("days", long(dayCount(name).dayCount(start, end)));
    table.real("yearFraction", dayCount(name).yearFraction(start, end));
  }
  return table.json();
}

std::string schedules(Chance& chance) {
  Table table;
  for (int i = 0; i < 800; ++i) {
    const auto name = chance.pick(calendarNames());
    const auto how = chance.pick(conventionNames());
    const auto last = chance.pick(conventionNames());
    const auto order = chance.oneIn(2) ? "Forward" : "Backward";
    const bool endOfMonth = chance.oneIn(3);
    const auto tenor = chance.pick(std::vector<std::string>{"1M", "3M", "6M", "1Y", "4M", "4W"});
    const Date start = telling(chance);
    Date end = start + Period(chance.integer(3, 90), Months);
    if (chance.oneIn(3)) end = end + chance.integer(1, 25);
    // An irregular first or last period, sometimes both.
    Date first, nextToLast;
    if (chance.oneIn(3)) first = start + chance.integer(1, int(end - start) / 2);
    if (chance.oneIn(3)) nextToLast = end - chance.integer(1, int(end - start) / 2 - 1);
    const Schedule schedule(start, end, period(tenor), calendar(name), convention(how),
                            convention(last), rule(order), endOfMonth, first, nextToLast);
    table.date("startDate", start).date("maturityDate", end).text("tenor", tenor);
    table.text("calendar", name).text("convention", how).text("terminationConvention", last);
    table.text("rule", order).flag("endOfMonth", endOfMonth);
    table.date("firstDate", first).date("nextToLastDate", nextToLast);
    table.raw("dates", dateList(schedule.dates()));
  }
  return table.json();
}

}  // namespace

void writeCalendars(const std::string& folder) {
  Chance chance(20000101);
  Sections sections{{"holidays", holidays()}};
  sections.emplace_back("adjustments", adjustments(chance));
  sections.emplace_back("advances", advances(chance));
  sections.emplace_back("dayCounts", dayCounts(chance));
  sections.emplace_back("schedules", schedules(chance));
  write(folder + "/calendars.json",
        "Weekday holidays 2000-2060, date adjustment, advancing, schedules and year fractions",
        sections);
}

}  // namespace golden
