// Writes the golden files into the folder given as the only argument.
#include "outputs.hpp"

#include <exception>
#include <iostream>

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: generate-golden FOLDER\n";
    return 2;
  }
  try {
    golden::writeCalendars(arguments[1]);
    golden::writeRates(arguments[1]);
    golden::writeOptions(arguments[1]);
  } catch (const std::exception& error) {
    std::cerr << "Cannot generate the golden files: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
