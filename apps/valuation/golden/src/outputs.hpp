// One function a file of goldens.
#pragma once

#include <string>

namespace golden {

void writeCalendars(const std::string& folder);
void writeRates(const std::string& folder);
void writeOptions(const std::string& folder);

}  // namespace golden
