// Column-wise JSON output: one array a field keeps thousands of rows small, and %.17g keeps every bit of a double.
#pragma once

#include <ql/quantlib.hpp>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace golden {

inline std::string number(double value) {
  if (!std::isfinite(value) || value == QuantLib::Null<double>()) return "null";
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

inline std::string quoted(const std::string& text) { return "\"" + text + "\""; }

inline std::string iso(const QuantLib::Date& date) {
  if (date == QuantLib::Date()) return "";
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", int(date.year()), int(date.month()),
                int(date.dayOfMonth()));
  return text;
}

inline std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i ? separator : "") + parts[i];
  return text;
}

inline std::string dateList(const std::vector<QuantLib::Date>& dates) {
  std::vector<std::string> parts;
  for (const auto& date : dates) parts.push_back(quoted(iso(date)));
  return "[" + joined(parts, ",") + "]";
}

inline std::string numberList(const std::vector<double>& values) {
  std::vector<std::string> parts;
  for (double value : values) parts.push_back(number(value));
  return "[" + joined(parts, ",") + "]";
}

// A table of named columns; a row is complete when every column got one value.
class Table {
 public:
  Table& text(const std::string& column, const std::string& value) {
    return raw(column, value.empty() ? "null" : quoted(value));
  }
  Table& date(const std::string& column, const QuantLib::Date& value) {
    return text(column, iso(value));
  }
  Table& real(const std::string& column, double value) { return raw(column, number(value)); }
  Table& integer(const std::string& column, long value) {
    return raw(column, std::to_string(value));
  }
  Table& flag(const std::string& column, bool value) {
    return raw(column, value ? "true" : "false");
  }
  Table& raw(const std::string& column, const std::string& json) {
    if (!columns_.count(column)) order_.push_back(column);
    columns_[column].push_back(json);
    return *this;
  }
  std::size_t rows() const { return order_.empty() ? 0 : columns_.at(order_[0]).size(); }

  std::string json() const {
    std::vector<std::string> lines;
    for (const auto& name : order_) {
      const auto& cells = columns_.at(name);
      QL_REQUIRE(cells.size() == rows(), "column " << name << " is incomplete");
      lines.push_back("  " + quoted(name) + ": [" + joined(cells, ",") + "]");
    }
    return "{\n  \"count\": " + std::to_string(rows()) + ",\n" + joined(lines, ",\n") + "\n}";
  }

 private:
  std::vector<std::string> order_;
  std::map<std::string, std::vector<std::string>> columns_;
};

// The parts of one output file, by name.
using Sections = std::vector<std::pair<std::string, std::string>>;

inline void write(const std::string& path, const std::string& description,
                  const Sections& sections) {
  std::ofstream out(path);
  out << "{\n\"description\": " << quoted(description) << ",\n\"library\": \"QuantLib "
      << QL_VERSION << "\"";
  for (const auto& section : sections)
    out << ",\n" << quoted(section.first) << ": " << section.second;
  out << "\n}\n";
  QL_REQUIRE(out.good(), "cannot write " << path);
}

// A small generator of its own, so that the same seed gives the same trades on every machine.
class Chance {
 public:
  explicit Chance(unsigned long long seed) : state_(seed) {}
  double unit() { return double(next() >> 11) / 9007199254740992.0; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  int integer(int low, int high) { return low + int(next() % (unsigned long long)(high - low + 1)); }
  bool oneIn(int n) { return integer(1, n) == 1; }
  template <class T>
  const T& pick(const std::vector<T>& values) {
    return values[std::size_t(integer(0, int(values.size()) - 1))];
  }
  // Rounds a figure as people quote it, so that inputs stay short in the file.
  double quote(double low, double high, double step) {
    return std::round(between(low, high) / step) * step + 0.0;  // no −0
  }

 private:
  unsigned long long next() {  // splitmix64
    unsigned long long z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  unsigned long long state_;
};

}  // namespace golden
